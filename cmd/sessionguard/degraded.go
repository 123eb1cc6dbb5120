package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// degradation is one way in which this process works less than it could.
type degradation struct {
	key    string // the same for as long as it lasts
	what   string // for people
	logged bool   // what finds it logs its beginning and its end, with the error
}

// degradations gives what is degraded now.
func (s *service) degradations(partitions []kafka.PartitionStatus) []degradation {
	var list []degradation
	add := func(logged bool, key, what string) { list = append(list, degradation{key, what, logged}) }
	for _, what := range s.missing() {
		add(false, what, what)
	}
	for _, role := range s.geo.refusals() {
		add(true, "geoip "+role, "the geoip "+role+" database on disk is broken or gone; the last good one stays in use")
	}
	if s.cluster.Away() {
		add(true, "kafka", "Kafka does not answer; trying on")
	}
	if why := s.rules.broken.Load(); why != nil {
		add(true, "broken rules", "the rules file is broken, the last good one stays in force: "+*why)
	}
	if s.observing != nil {
		if what := s.observing.degraded(time.Now()); what != "" {
			add(false, "observe", what)
		}
	}
	if s.archiver != nil && s.archiver.away.Load() > 0 {
		add(true, "archive", "the archive takes no blocks; they wait")
	}
	if s.archiver != nil {
		for _, what := range s.archiver.stops() {
			add(true, what, what)
		}
	}
	offered := s.rules.current.Load()
	for i, what := range offered.testFaults {
		add(false, fmt.Sprint("tests ", i, offered.Hash), what)
	}
	if what := s.refusal(offered.Set); what != "" {
		add(false, "older rules "+offered.Hash, what)
	}
	return append(list, s.partitionDegradations(partitions)...)
}

// tooLate counts the events that came too late to be judged, if there were as many as a thousandth of all: single ones are every day's.
func tooLate(partitions []kafka.PartitionStatus) uint64 {
	var late, all uint64
	for i := range partitions {
		for fate, n := range partitions[i].Engine.Fates {
			all += n
			if detector.Fate(fate) == detector.TooLate {
				late += n
			}
		}
	}
	if late*1000 < all {
		return 0
	}
	return late
}

// partitionDegradations gives what the partitions saw.
func (s *service) partitionDegradations(partitions []kafka.PartitionStatus) []degradation {
	list := brakeDegradations(partitions)
	var misrouted uint64
	for i := range partitions {
		p := &partitions[i]
		misrouted += p.Misrouted
		if p.State == kafka.Stopped && s.roleOf(p) == roleObserve {
			what := fmt.Sprintf("partition %d of %s stopped: what shows only across users is not seen in it; detection goes on", p.Partition, p.Topic)
			list = append(list, degradation{key: what, what: what})
		}
	}
	if late := tooLate(partitions); late > 0 {
		list = append(list, degradation{key: "too late", what: fmt.Sprintf("%s came more than 24 h behind the newest of their partition, and were archived and not judged: "+
			"a publisher's clock is wrong, or old events are published again", count(late, "event"))})
	}
	if what := unenforced(partitions); what != "" {
		list = append(list, degradation{key: "revokes not enforced", what: what})
	}
	if misrouted > 0 {
		list = append(list, degradation{key: "misrouted",
			what: fmt.Sprintf("%s on the wrong partition: publishers must use murmur2 of the key", count(misrouted, "event"))})
	}
	return list
}

// unenforced says where sessions go on that were revoked; "" when none does.
func unenforced(partitions []kafka.PartitionStatus) string {
	var where []string
	for i := range partitions {
		if p := &partitions[i]; p.Engine.Unenforced {
			where = append(where, fmt.Sprint(p.Partition))
		}
	}
	if len(where) == 0 {
		return ""
	}
	return fmt.Sprintf("revokes are not enforced: apps let in sessions 30 s and more after they were revoked (partitions %s); look at the auth service's consumer of session.commands and at the decisions of rule revoke-not-enforced",
		strings.Join(where, ", "))
}

// refusal says which partitions do not take the rules of the file, because newer ones are in force; "" when all may.
func (s *service) refusal(set *rules.Set) string {
	if len(s.stages) == 0 {
		return ""
	}
	byRevision := map[string][]string{}
	for _, p := range s.stages[0].Refusing(set) { // the stages are offered the same
		byRevision[p.Revision] = append(byRevision[p.Revision], fmt.Sprint(p.Partition))
	}
	if len(byRevision) == 0 {
		return ""
	}
	var newer []string
	for _, revision := range slices.Sorted(maps.Keys(byRevision)) {
		newer = append(newer, fmt.Sprintf("%q (partitions %s)", revision, strings.Join(byRevision[revision], ", ")))
	}
	has := fmt.Sprintf("%s has revision %q, which is older than the one in force, ", s.rules.path, set.Revision)
	if set.Revision == "" {
		has = s.rules.path + " has no revision, and that in force is "
	}
	return has + strings.Join(newer, ", ") + ": it is not taken; to bring it in, or to go back to it, give it a higher revision"
}

// tellDegraded logs what began and what ended since it was last called. One goroutine at a time calls it.
func (s *service) tellDegraded() {
	now := map[string]string{}
	for _, d := range s.degradations(s.partitions()) {
		if d.logged {
			continue
		}
		now[d.key] = d.what
		if s.told[d.key] == "" {
			s.log.Warn("degraded", "what", d.what)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.told)) {
		if now[key] == "" {
			s.log.Info("no longer degraded", "what", s.told[key])
		}
	}
	s.told = now
}
