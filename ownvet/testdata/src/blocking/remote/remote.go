// Package remote does not know of own; some of it waits.
package remote

import (
	"net/http"
	"time"
)

func Fetch(url string) error { // want Fetch:`waits for Get \(remote.go:10\)`
	_, err := http.Get(url)
	return err
}

func Twice(url string) error { // want Twice:`waits for Get \(remote.go:10\)`
	if err := Fetch(url); err != nil {
		return err
	}
	return Fetch(url)
}

func Start(url string) {
	go Fetch(url)
	time.AfterFunc(time.Second, func() { Fetch(url) })
}

func Name(url string) string { return url }
