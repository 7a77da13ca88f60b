package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// serve runs a server for h on a free port of this machine while story runs, and
// shuts it down. story sends requests, such as "GET /".
func serve(h http.Handler, story func(send func(request string) (answer string)) error) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h}
	var serving sync.WaitGroup
	var ended error
	serving.Go(func() { ended = server.Serve(ln) })

	transport := &http.Transport{}
	client := &http.Client{Transport: transport}
	err = story(func(request string) string {
		answer, err := send(client, "http://"+ln.Addr().String(), request)
		if err != nil {
			return "no answer: " + err.Error()
		}
		return answer
	})

	transport.CloseIdleConnections()
	err = errors.Join(err, server.Shutdown(context.Background())) // waits for the requests
	serving.Wait()
	if !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

func send(client *http.Client, base, request string) (answer string, err error) {
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequest(method, base+path, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(resp.StatusCode, " ", strings.TrimSpace(string(body))), nil
}
