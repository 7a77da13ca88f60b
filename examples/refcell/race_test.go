//go:build race

package main

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/rc"
)

// An Rc that is given to a goroutine, while another owner stays behind. Neither
// touches the other's handle, and the program compiles and looks right; but both
// write to the same counts. Without the race detector one of the writes is lost
// now and then: the hook runs too early, or never.
func giveAway() {
	ann := rc.New(100)
	bob := ann.Clone()
	var wg sync.WaitGroup
	wg.Go(func() { bob.Drop() })
	ann.Drop()
	wg.Wait()
}

// The race detector sees it. The test runs itself again, in a process of its own,
// which is to die of it.
func TestRcGivenToAGoroutineIsReported(t *testing.T) {
	if os.Getenv("OWN_RACE") != "" {
		giveAway()
		return
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "OWN_RACE=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "WARNING: DATA RACE")
	require.Contains(t, string(out), "rc.(*Rc")
}
