package stock // want package:"stock.Shelf.items → stock.Log"

import "github.com/go-own/own"

type Shelf struct {
	items own.Mutex[[]string]
	Name  own.RWMutex[string]
}

var Log own.Mutex[[]string]

func (s *Shelf) Add(item string) { // want Add:`takes stock.Shelf.items, stock.Log`
	g := s.items.MustLock()
	defer g.Unlock()
	*g.Value() = append(*g.Value(), item)
	Write(item)
}

func Write(line string) { // want Write:"takes stock.Log"
	Log.MustWith(func(lines *[]string) { *lines = append(*lines, line) })
}

func (s *Shelf) Len() int { // want Len:"takes stock.Shelf.items"
	g := s.items.MustLock()
	defer g.Unlock()
	return len(*g.Value())
}
