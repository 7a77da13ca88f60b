module github.com/go-own/own/bench

go 1.26.0

require (
	github.com/go-own/own v0.0.0
	github.com/linkdata/deadlock v0.5.5
	github.com/sasha-s/go-deadlock v0.3.9
	golang.org/x/sync v0.23.0
)

require (
	github.com/petermattis/goid v0.0.0-20250813065127-a731cc31b4fe // indirect
	github.com/puzpuzpuz/xsync/v4 v4.5.0 // indirect
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/grpc v1.85.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/go-own/own => ../
