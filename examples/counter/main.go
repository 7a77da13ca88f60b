// Counter shares one number between ten goroutines, each of which adds one.
//
// The Mutex locks and does not share, the Arc shares and does not lock; one
// inside the other does both. (A bare number could do with a *own.Mutex, or with
// sync/atomic. The Arc pays once the last goroutine has something to close.)
//
// The lesson: one owner for each goroutine, cloned before it starts, dropped
// when it ends. The next example, ownership, looks at what is being counted.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"sync"

	"github.com/go-own/own"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	counter := own.NewArc(own.NewMutex(0))
	defer counter.Drop()

	var wg sync.WaitGroup
	for range 10 {
		// Not inside the goroutine: without the Wait below, counter might be
		// dropped before the goroutine gets to clone it.
		mine := counter.Clone()
		wg.Go(func() {
			defer mine.Drop() // deferred first, so it runs after Unlock

			// Must: nobody recovers a panic here, so poison is never seen.
			g := mine.Value().MustLock()
			defer g.Unlock()
			*g.Value()++
		})
	}
	wg.Wait()

	n, err := counter.Value().Load()
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "Result:", n)
	return nil
}
