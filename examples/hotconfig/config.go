package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

const configFile = "config.json"

// A config is one version of the configuration, with all that was opened for it.
// Nobody writes to it once it is in use: what changes is which one that is. Fields
// that belong together are in one config for the same reason. In two cells, a
// request could get one of them old and the other new.
type config struct {
	version  int
	greeting string
	banner   *os.File // stands for what has to be closed: a database, a pool, a log
}

// openConfig reads the configuration file in root. It returns a config that can be
// used as it is, or an error and nothing to close.
//
// The file names another. With os.Open that could be any file of the machine; root
// opens only what is inside.
func openConfig(root *os.Root) (*config, error) {
	data, err := root.ReadFile(configFile)
	if err != nil {
		return nil, err
	}
	var file struct {
		Version  int    `json:"version"`
		Greeting string `json:"greeting"`
		Banner   string `json:"banner"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", configFile, err)
	}
	// A field with a typo in its name is missing under its right one.
	var missing error
	switch {
	case file.Version == 0:
		missing = errors.New("version is missing")
	case file.Greeting == "":
		missing = errors.New("greeting is missing")
	case file.Banner == "":
		missing = errors.New("banner is missing")
	}
	if missing != nil {
		return nil, fmt.Errorf("%s: %w", configFile, missing)
	}
	// Last, so that no error comes after it, with a file to be closed on the way.
	banner, err := root.Open(file.Banner)
	if err != nil {
		return nil, fmt.Errorf("%s: banner: %w", configFile, err)
	}
	return &config{file.Version, file.Greeting, banner}, nil
}

func (c *config) close() error { return c.banner.Close() }

// text reads the banner. Requests do so at the same time, so each has an offset of
// its own; that of c.banner itself they would share.
func (c *config) text() (string, error) {
	const limit = 1 << 16
	data, err := io.ReadAll(io.NewSectionReader(c.banner, 0, limit))
	return string(data), err
}

// publish writes the configuration of the given version, the way a deployment
// should: what it refers to first, and then the file in one piece, by renaming.
// Written in place, it is read half every now and then. That does no harm here, but
// the reload fails.
func publish(root *os.Root, version int) error {
	banner := fmt.Sprintf("banner-%d.txt", version)
	if err := root.WriteFile(banner, fmt.Appendf(nil, "banner %d", version), 0o600); err != nil {
		return err
	}
	const draft = configFile + ".new"
	data := fmt.Appendf(nil, `{"version": %d, "greeting": "hello %d", "banner": %q}`, version, version, banner)
	if err := root.WriteFile(draft, data, 0o600); err != nil {
		return err
	}
	return root.Rename(draft, configFile)
}
