package writethroughreadguard

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/go-own/own"
	"github.com/go-own/own/cell"
)

type config struct {
	limit  int
	flags  [4]bool
	rules  map[string]rule
	names  []string
	nested struct{ n int }
	next   *config
}

type rule struct{ on bool }

func assign(m *own.RWMutex[int]) {
	r := m.MustRLock()
	defer r.Unlock()
	*r.Value() = 1 // want `^write-through-read-guard: a write through r\.Value\(\), which is for reading, while others may be reading; use RWMutex\.Lock$`
}

func field(m *own.RWMutex[config]) {
	r := m.MustRLock()
	defer r.Unlock()
	r.Value().limit++ // want `write-through-read-guard: a write through r\.Value\(\)`
}

func deep(m *own.RWMutex[config]) error {
	r, err := m.RLock()
	if err != nil {
		return err
	}
	defer r.Unlock()
	c := r.Value()
	c.nested.n = 1    // want `write-through-read-guard`
	c.flags[2] = true // want `write-through-read-guard`
	p := &c.nested
	p.n = 2 // want `write-through-read-guard`
	return nil
}

func mapEntry(m *own.RWMutex[config]) {
	r := m.MustRLock()
	defer r.Unlock()
	r.Value().rules["x"] = rule{} // want `write-through-read-guard`
	delete(r.Value().rules, "y")  // want `write-through-read-guard`
	clear(r.Value().rules)        // want `write-through-read-guard`
}

func mapValue(m *own.RWMutex[map[string]int]) {
	r := m.MustRLock()
	defer r.Unlock()
	(*r.Value())["x"]++ // want `write-through-read-guard`
}

func sliceElement(m *own.RWMutex[config]) {
	r := m.MustRLock()
	defer r.Unlock()
	r.Value().names[0] = "x"          // want `write-through-read-guard`
	copy(r.Value().names, []string{}) // want `write-through-read-guard`
}

func sliceElementField(m *own.RWMutex[[]rule]) {
	r := m.MustRLock()
	defer r.Unlock()
	(*r.Value())[0].on = true // want `write-through-read-guard`
}

func appended(m *own.RWMutex[[]int]) {
	r := m.MustRLock()
	defer r.Unlock()
	*r.Value() = append(*r.Value(), 1) // want `write-through-read-guard`
}

func parameter(r *own.ReadGuard[int]) {
	*r.Value() = 1 // want `write-through-read-guard`
}

func downgraded(m *own.RWMutex[int]) {
	w := m.MustLock()
	r := w.Downgrade()
	defer r.Unlock()
	*r.Value() = 1 // want `write-through-read-guard`
}

func fromField(h *holder) {
	*h.r.Value() = 1 // want `write-through-read-guard`
}

type holder struct{ r *own.ReadGuard[int] }

func literal(m *own.RWMutex[int]) {
	r := m.MustRLock()
	defer r.Unlock()
	func() {
		*r.Value() = 1 // want `write-through-read-guard`
	}()
}

func borrow(c *cell.RefCell[int]) {
	b := c.Borrow()
	defer b.Drop()
	*b.Value() = 1 // want `write-through-read-guard: a write through b\.Value\(\), which is for reading, while others may be reading; use RefCell\.BorrowMut`
}

func with(m *own.RWMutex[config]) error {
	return m.RWith(func(c *config) {
		c.limit = 1 // want `write-through-read-guard: a write through the pointer that RWith lends for reading, while others may be reading; use RWMutex\.With`
	})
}

func withErr(m *own.RWMutex[config]) error {
	return m.RWithErr(func(c *config) error {
		c.rules["x"] = rule{} // want `write-through-read-guard`
		return nil
	})
}

func generic[T any](m *own.RWMutex[T], v T) {
	r := m.MustRLock()
	defer r.Unlock()
	*r.Value() = v // want `write-through-read-guard`
}

func onOnePath(m *own.RWMutex[int], n int) {
	r := m.MustRLock()
	defer r.Unlock()
	if n > 0 {
		*r.Value() = n // want `write-through-read-guard`
	}
}

func sorted(m *own.RWMutex[[]string]) {
	r := m.MustRLock()
	defer r.Unlock()
	slices.Sort(*r.Value())                                         // want `write-through-read-guard`
	sort.Strings(*r.Value())                                        // want `write-through-read-guard`
	sort.Slice(*r.Value(), func(i, j int) bool { return i < j })    // want `write-through-read-guard`
	slices.SortFunc(*r.Value(), func(a, b string) int { return 0 }) // want `write-through-read-guard`
}

func deleted(m *own.RWMutex[map[string]int]) {
	r := m.MustRLock()
	defer r.Unlock()
	maps.DeleteFunc(*r.Value(), func(string, int) bool { return true }) // want `write-through-read-guard`
}

// The literal has the slice from a variable.
func sortedByLiteral(m *own.RWMutex[[]string]) {
	r := m.MustRLock()
	defer r.Unlock()
	all := *r.Value()
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] }) // want `write-through-read-guard`
	rand.Shuffle(len(all), func(i, j int) {
		all[i], all[j] = all[j], all[i] // want `write-through-read-guard`
	})
	_ = slices.Insert(all, 0, "first") // want `write-through-read-guard`
}
