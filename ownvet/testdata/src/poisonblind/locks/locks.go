// Package locks has helpers, which its importers know by facts.
package locks

import "github.com/go-own/own"

func Release(g *own.Guard[int]) { // want Release:`releases 0`
	println("released")
	g.Unlock()
}

func Look(g *own.Guard[int]) int { return *g.Value() } // want Look:`borrows 0`

func Keep(g *own.Guard[int]) { kept = g }

var kept *own.Guard[int]
