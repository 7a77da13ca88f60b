module github.com/go-own/own/ownvet/golangci

go 1.26.0

require (
	github.com/go-own/own/ownvet v0.1.0
	github.com/golangci/plugin-module-register v0.1.2
	golang.org/x/tools v0.52.0
)

replace github.com/go-own/own/ownvet => ../
