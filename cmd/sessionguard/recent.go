package main

import "sync"

// recentDecisions is how many decisions the HTTP interface remembers; the archive has them all.
const recentDecisions = 1000

// recent holds the last decisions as JSON, session ids masked. It is safe for concurrent use.
type recent struct {
	mu   sync.Mutex
	ring [][]byte
	next int
}

// add remembers a decision and takes over its bytes.
func (r *recent) add(decision []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ring) < recentDecisions {
		r.ring = append(r.ring, decision)
		return
	}
	r.ring[r.next] = decision
	r.next = (r.next + 1) % recentDecisions
}

// last gives up to n decisions, the newest first.
func (r *recent) last(n int) [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(n, len(r.ring))
	list := make([][]byte, 0, n)
	for i := range n {
		at := r.next - 1 - i + 2*len(r.ring)
		list = append(list, r.ring[at%len(r.ring)])
	}
	return list
}
