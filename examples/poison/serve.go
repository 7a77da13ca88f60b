package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
)

// serve starts a server for h on a free port of this machine, sends it the
// requests one after the other, prints the answers to w and shuts it down.
func serve(h http.Handler, w io.Writer, requests []string) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: h,
		// Keeps the report of the panic, with its stack, off standard error, so
		// that the output is the answers and nothing else. Not for a server of
		// your own: with sync.Mutex, that report is all there will ever be.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	var serving sync.WaitGroup
	var ended error
	serving.Go(func() { ended = server.Serve(ln) })

	transport := &http.Transport{}
	err = sendAll(&http.Client{Transport: transport}, "http://"+ln.Addr().String(), requests, w)

	transport.CloseIdleConnections()
	err = errors.Join(err, server.Shutdown(context.Background()))
	serving.Wait()
	if !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// sendAll sends each request, such as "GET /total", and prints what comes back.
func sendAll(client *http.Client, base string, requests []string, w io.Writer) error {
	for i, request := range requests {
		answer, err := send(client, base, request)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%d. %s\n   %s\n", i+1, request, answer)
	}
	return nil
}

func send(client *http.Client, base, request string) (answer string, err error) {
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequest(method, base+path, nil)
	if err != nil {
		return "", err
	}
	// A handler that panics gets no answer out. The client sees the connection
	// close, and does not know whether its transfer took place. net/http sends a
	// GET again when that happens on a connection that was in use before, and
	// never a POST: another reason for a request that changes things not to be a
	// GET.
	resp, err := client.Do(req)
	if errors.Is(err, io.EOF) {
		return "connection closed, the handler panicked", nil
	}
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
