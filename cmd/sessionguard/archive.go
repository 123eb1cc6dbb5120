package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
	"github.com/sessionguard/sessionguard/ingest/enrich"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/storage"
)

// archiver moves session.events and session.decisions into an archive, in a consumer group of its own.
type archiver struct {
	cluster   *kafka.Cluster
	group     string
	archive   storage.Writer
	pseudonym *storage.Pseudonymizer
	geo       *geoWatch
	untilIdle bool // stop at the ends that the partitions have at the start
	log       *slog.Logger

	bootstrap kafka.Bootstrap

	mu      sync.Mutex
	stopped []string // partitions that stopped, with their reasons

	away atomic.Int64 // partitions whose blocks wait for the archive
	rows atomic.Uint64
}

// run archives until ctx ends, or with untilIdle until all is archived.
func (a *archiver) run(ctx context.Context) error {
	topics := []string{a.cluster.Topics.Events, a.cluster.Topics.Decisions}
	return a.cluster.Consume(ctx, kafka.Group{Name: a.group, Topics: topics, Stopped: a.stop}, a.own)
}

// stop notes a partition that is archived no more until a person acts.
func (a *archiver) stop(topic string, partition int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = append(a.stopped, fmt.Sprintf("the archive of partition %d of %s stopped: %s", partition, topic, oneLine(err.Error())))
}

// stops lists the partitions that stopped, with their reasons.
func (a *archiver) stops() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.stopped)
}

// own archives one partition while this member owns it.
func (a *archiver) own(ctx context.Context, p *kafka.Partition) error {
	first, end, err := p.Bounds(ctx)
	if err != nil {
		return err
	}
	place, metadata, ok := p.Committed()
	if !ok {
		place = first
	}
	if place < first && a.bootstrap == kafka.BootstrapCold {
		a.log.Warn("records are gone before they were archived: going on behind them", "topic", p.Topic, "partition", p.Number, "offset", place, "first", first)
		place, metadata = first, ""
	}
	until := int64(0)
	if a.untilIdle {
		if until = end; place >= end && metadata == "" {
			return nil
		}
	}
	one := storage.Archiver{
		Log: &archiveLog{partition: p}, Archive: a.archive, Form: a.form(p), Topic: p.Topic, Partition: int32(p.Number),
		Place: place, Metadata: metadata, Until: until,
		Away: a.wentAway, Wrote: func(b *storage.Block) { a.rows.Add(uint64(b.Rows())) },
	}
	return one.Run(ctx)
}

// wentAway says once when the archive goes away, and once when it is back.
func (a *archiver) wentAway(err error) {
	switch {
	case err == nil && a.away.Add(-1) == 0:
		a.log.Info("archive is back")
	case err != nil && a.away.Add(1) == 1:
		a.log.Warn("archive takes no blocks; waiting, detection goes on", "error", oneLine(err.Error()))
	}
}

// form makes rows of a partition's records.
func (a *archiver) form(p *kafka.Partition) storage.Form {
	if p.Topic == a.cluster.Topics.Decisions {
		return storage.FormDecisions(a.pseudonym)
	}
	db := a.geo.get()
	reader := ingest.Worker{Enricher: enrich.New(db, false)}
	return storage.FormEvents(func(r *storage.Record) (*detector.Event, error) {
		if now := a.geo.get(); now != db {
			db = now
			reader.Enricher.Adopt(db)
		}
		headers := make([]cloudevents.Header, len(r.Headers))
		for i, h := range r.Headers {
			headers[i] = cloudevents.Header(h)
		}
		at := detector.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, TimeMS: r.RecordTimeMS}
		return reader.Read(cloudevents.Message{Headers: headers, Value: r.Value}, at)
	}, a.pseudonym)
}

// archiveLog is a partition as the archiver reads it.
type archiveLog struct {
	partition *kafka.Partition
	records   []storage.Record
}

// Fetch gives records from an offset on; see storage.Log.
func (l *archiveLog) Fetch(ctx context.Context, from int64) ([]storage.Record, error) {
	batch, err := l.partition.Fetch(ctx, from)
	if err != nil {
		return nil, err
	}
	l.records = l.records[:0]
	for i := range batch.Records {
		l.records = append(l.records, archiveRecord(l.partition.Topic, l.partition.Number, &batch.Records[i]))
	}
	return l.records, nil
}

// Commit sets the group's place.
func (l *archiveLog) Commit(ctx context.Context, offset int64, metadata string) error {
	return l.partition.Commit(ctx, offset, metadata)
}

// archiveRecord gives a Kafka record to the archive, which does not know Kafka.
func archiveRecord(topic string, partition int, r *kafka.Record) storage.Record {
	record := storage.Record{
		Coordinates: storage.Coordinates{Topic: topic, Partition: int32(partition), Offset: r.Offset, RecordTimeMS: r.TimeMS},
		Value:       r.Value,
	}
	for _, h := range r.Headers {
		record.Headers = append(record.Headers, storage.Header(h))
	}
	return record
}
