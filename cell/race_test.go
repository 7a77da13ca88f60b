//go:build race

package cell_test

import (
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-own/own/cell"
)

// A cell that two goroutines use is a data race, also if both only read. The test
// runs itself again, in a process of its own that is to die of it.
func TestRefCellRaceIsReported(t *testing.T) {
	if os.Getenv("OWN_RACE") != "" {
		c := cell.NewRefCell(5)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { c.Borrow().Drop() })
		}
		wg.Wait()
		return
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "OWN_RACE=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "WARNING: DATA RACE")
}
