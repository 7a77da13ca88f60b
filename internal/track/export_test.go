//go:build owndebug

package track

// Sizes is how much is on record, for tests of what is left.
type Sizes struct{ Accounts, Owners, Nodes, Edges, Cycles, Poisoned int }

// Count returns what is on record now. It does not look at what is held by nobody.
func Count() (s Sizes) {
	for i := range accounts {
		sh := &accounts[i]
		sh.mu.Lock()
		s.Accounts += len(sh.by)
		sh.mu.Unlock()
	}
	s.Owners = len(liveSince(0))
	graph.mu.Lock()
	s.Nodes = len(graph.nodes)
	for n := range graph.nodes {
		s.Edges += len(n.out) + len(n.in)
		s.Cycles += len(n.reported)
	}
	graph.mu.Unlock()
	poisoned.mu.Lock()
	s.Poisoned = len(poisoned.by)
	poisoned.mu.Unlock()
	return s
}

// Known counts those of the given locks of which something is known.
func Known(locks []Lock) (n int) {
	for i := range locks {
		if locks[i].known.Load() != nil {
			n++
		}
	}
	return n
}

// MaxChains is how many chains are known at one lock.
const MaxChains = maxChains

// MaxFound is how many cycles of one new edge are reported.
const MaxFound = maxFound

// Chains returns how many chains are known at l.
func (l *Lock) Chains() int {
	k := l.get()
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.chains)
}
