module github.com/go-own/own/bench

go 1.26.0

require (
	github.com/go-own/own v0.0.0
	golang.org/x/sync v0.22.0
)

replace github.com/go-own/own => ../
