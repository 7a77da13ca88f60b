module github.com/go-own/own/verify

go 1.26.0

replace github.com/go-own/own => ../

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/go-own/own v0.0.0
	github.com/stretchr/testify v1.12.1
	go.uber.org/goleak v1.3.0
	pgregory.net/rapid v1.3.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
