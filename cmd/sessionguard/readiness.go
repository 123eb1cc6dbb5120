package main

import (
	"fmt"

	"github.com/sessionguard/sessionguard/ingest/kafka"
)

// readiness says whether every partition that this process owns is restored and caught up, and what is degraded.
func (s *service) readiness() readiness {
	state := readiness{Ready: true, ObserveOnly: s.observeOnly, Roles: s.roles, Partitions: []partitionReady{}, Degraded: s.missing()}
	if s.cluster.Away() {
		state.degraded("Kafka does not answer; trying on")
	}
	if why := s.rules.broken.Load(); why != nil {
		state.degraded("the rules file is broken, the last good one stays in force: " + *why)
	}
	if s.archiver != nil && s.archiver.away.Load() > 0 {
		state.degraded("the archive takes no blocks; they wait")
	}
	if s.stage == nil {
		return state
	}
	partitions := s.stage.Status()
	state.Ready = len(partitions) > 0 // before the group is joined, none is owned
	var misrouted uint64
	for i := range partitions {
		state.add(&partitions[i], s.cluster.Topics.Events)
		misrouted += partitions[i].Misrouted
	}
	if misrouted > 0 {
		state.degraded(fmt.Sprintf("%s on the wrong partition: publishers must use murmur2 of the key", count(misrouted, "event")))
	}
	return state
}

func (r *readiness) degraded(what string) { r.Degraded = append(r.Degraded, what) }

func (r *readiness) add(p *kafka.PartitionStatus, topic string) {
	if !p.Caught() {
		r.Ready = false
	}
	if p.Engine.BrakeTripped {
		r.degraded(fmt.Sprintf("the brake of partition %d is tripped: revokes or step-ups are held back until operator.control resumes it", p.Partition))
	}
	r.Partitions = append(r.Partitions, partitionReady{Topic: topic, Partition: p.Partition, State: string(p.State), Lag: max(0, p.End-p.Next), Why: p.Reason})
}

// missing says what the process has to do without.
func (s *service) missing() []string {
	db := s.geo.get()
	if db == nil {
		return []string{"no geography: rules about place and network are not evaluable (--geoip-city, --geoip-asn)"}
	}
	list := []string{}
	for _, role := range db.Missing() {
		list = append(list, "no "+role+" database")
	}
	return list
}
