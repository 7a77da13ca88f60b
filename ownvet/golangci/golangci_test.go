package golangci

import (
	"slices"
	"testing"

	"github.com/golangci/plugin-module-register/register"
)

// names returns the analyzers that golangci-lint gets for some settings.
func names(t *testing.T, settings any) []string {
	t.Helper()
	newPlugin, err := register.GetPlugin("ownvet")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlugin(settings)
	if err != nil {
		t.Fatal(err)
	}
	if p.GetLoadMode() != register.LoadModeTypesInfo {
		t.Errorf("load mode %q", p.GetLoadMode())
	}
	analyzers, err := p.BuildAnalyzers()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range analyzers {
		names = append(names, a.Name)
	}
	return names
}

func TestSettings(t *testing.T) {
	byDefault := names(t, nil)
	if !slices.Contains(byDefault, "notsend") || slices.Contains(byDefault, "lockorder") {
		t.Errorf("by default: %q", byDefault)
	}
	chosen := names(t, map[string]any{"enable": []any{"lockorder"}, "disable": []any{"notsend"}})
	if slices.Contains(chosen, "notsend") || !slices.Contains(chosen, "lockorder") || len(chosen) != len(byDefault) {
		t.Errorf("chosen: %q", chosen)
	}
}

func TestWrongSettings(t *testing.T) {
	for _, settings := range []map[string]any{
		{"enable": []any{"lock-ordr"}},
		{"enabled": []any{"lockorder"}},
	} {
		p, err := New(settings)
		if err == nil {
			_, err = p.BuildAnalyzers()
		}
		if err == nil {
			t.Errorf("%v: no error", settings)
		}
	}
}
