package main

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// compared are the modules of the other contenders, without the major version.
var compared = []string{
	"github.com/linkdata/deadlock",
	"github.com/puzpuzpuz/xsync",
	"github.com/sasha-s/go-deadlock",
	"golang.org/x/sync",
	"google.golang.org/grpc",
	"tailscale.com",
}

// machine returns the head of a file of results: what is measured now, and on what. The
// other processes are not in it.
func machine() []setting {
	return []setting{
		{"goos", runtime.GOOS},
		{"goarch", runtime.GOARCH},
		{"cpu", cpuModel()},
		{"cpus", strconv.Itoa(runtime.NumCPU())},
		{"go", runtime.Version()},
		{"date", time.Now().UTC().Format(time.RFC3339)},
		{"own", ownVersion()},
		{"modules", moduleVersions()},
	}
}

func cpuModel() string {
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if model := modelName(string(info)); model != "" {
			return model
		}
	}
	return runtime.GOARCH
}

// modelName returns the processor that a Linux names, or "": not all do.
func modelName(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// ownVersion is the commit, counted from a release if there is one before it. The other
// tags are those of modules inside this one.
func ownVersion() string {
	out, err := exec.Command("git", "describe", "--tags", "--match", "v[0-9]*", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// moduleVersions returns those of the contenders, in a line.
func moduleVersions() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	var found []string
	for _, m := range info.Deps {
		for _, c := range compared {
			if m.Path == c || strings.HasPrefix(m.Path, c+"/v") {
				found = append(found, m.Path+"@"+m.Version)
			}
		}
	}
	if len(found) == 0 {
		return "none"
	}
	return strings.Join(found, " ")
}
