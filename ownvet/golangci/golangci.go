// Package golangci makes ownvet's analyzers a linter of golangci-lint, by its
// module plugin system: "golangci-lint custom" builds a golangci-lint that has it.
// The README of ownvet shows the two files that it takes.
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/go-own/own/ownvet"
)

func init() { register.Plugin("ownvet", New) }

// Settings are those under linters.settings.custom.ownvet.settings.
type Settings struct {
	// Enable and Disable are analyzers by name, such as lockorder. All are on but
	// ownerleak, lockorder and blockingwhilelocked.
	Enable  []string `json:"enable"`
	Disable []string `json:"disable"`
}

// New returns the linter.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	return plugin{s}, nil
}

type plugin struct{ settings Settings }

// BuildAnalyzers returns the analyzers that are on.
func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	var analyzers []*analysis.Analyzer
	known := map[string]bool{}
	for _, a := range ownvet.Analyzers() {
		known[a.Name] = true
		if enable := a.Flags.Lookup("enable"); enable != nil {
			on := slices.Contains(p.settings.Enable, a.Name)
			if err := enable.Value.Set(fmt.Sprint(on)); err != nil {
				return nil, err
			}
			if !on {
				continue
			}
		}
		if !slices.Contains(p.settings.Disable, a.Name) {
			analyzers = append(analyzers, a)
		}
	}
	for _, name := range slices.Concat(p.settings.Enable, p.settings.Disable) {
		if !known[name] {
			return nil, fmt.Errorf("ownvet has no analyzer %q", name)
		}
	}
	return analyzers, nil
}

// GetLoadMode says that the analyzers need types.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
