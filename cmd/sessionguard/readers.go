package main

import (
	"runtime"
	"sync"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/geo"
)

// replayTopic stands for the topic in decision ids, which in replay are functions of the line.
const replayTopic = "replay"

// readers decode and enrich lines on all cores, a little ahead of the one goroutine that judges them: what an event brings can
// bear on the very next line, but what it says does not depend on any other.
type readers struct {
	each []reader
	free chan *chunk
}

// reader makes events of lines; one goroutine uses it.
type reader struct {
	enricher *enrich.Enricher
	coverage *fieldCoverage // nil without --coverage
}

// reading is a line as an event. Its memory is used again, and it has a decoder of its own, because the strings of an event alias
// its decoder's memory.
type reading struct {
	line
	worker ingest.Worker
	event  *detector.Event // nil: the line cannot be one
	err    error           // why not
}

// chunk is some lines that one reader takes at a time: enough that handing them over costs nothing beside reading them, and few
// enough that all chunks stay in a core's cache.
type chunk struct {
	readings []reading
	used     int
	read     chan struct{} // one is there when the reader is done
}

const (
	chunkLines      = 64
	chunksPerReader = 2
)

func newReaders(o *replayOptions, db *geo.Databases) *readers {
	n := runtime.GOMAXPROCS(0)
	r := &readers{each: make([]reader, n), free: make(chan *chunk, n*chunksPerReader)}
	for i := range r.each {
		r.each[i].enricher = enrich.New(db, o.trustGeo)
		if o.coverage {
			r.each[i].coverage = &fieldCoverage{}
		}
	}
	for range cap(r.free) {
		r.free <- &chunk{readings: make([]reading, chunkLines), read: make(chan struct{}, 1)}
	}
	return r
}

// read reads a batch and calls judge for each of its lines, in their order and in this goroutine. What judge is given is its own
// until it returns.
func (r *readers) read(batch []line, judge func(*reading)) {
	unread, inOrder := make(chan *chunk, cap(r.free)), make(chan *chunk, cap(r.free))
	var wg sync.WaitGroup
	wg.Go(func() { r.deal(batch, unread, inOrder) })
	for i := range r.each {
		wg.Go(func() { r.each[i].readAll(unread) })
	}
	for c := range inOrder {
		<-c.read
		for i := range c.readings[:c.used] {
			judge(&c.readings[i])
		}
		r.free <- c
	}
	wg.Wait()
}

// deal cuts a batch into chunks.
func (r *readers) deal(batch []line, unread, inOrder chan<- *chunk) {
	defer close(inOrder)
	defer close(unread)
	for len(batch) > 0 {
		c := <-r.free
		c.used = min(len(batch), chunkLines)
		for i, at := range batch[:c.used] {
			c.readings[i].line = at
		}
		batch = batch[c.used:]
		unread <- c
		inOrder <- c
	}
}

func (r *reader) readAll(unread <-chan *chunk) {
	for c := range unread {
		for i := range c.readings[:c.used] {
			r.readLine(&c.readings[i])
		}
		c.read <- struct{}{}
	}
}

func (r *reader) readLine(l *reading) {
	m := cloudevents.Message{Value: l.text}
	if r.coverage != nil {
		r.coverage.add(m)
	}
	l.worker.Enricher = r.enricher
	l.event, l.err = l.worker.Read(m, detector.Record{Topic: replayTopic, Offset: l.number})
}

// droppedGeo counts the events whose own place was not used.
func (r *readers) droppedGeo() (n uint64) {
	for i := range r.each {
		n += r.each[i].enricher.DroppedGeo()
	}
	return n
}
