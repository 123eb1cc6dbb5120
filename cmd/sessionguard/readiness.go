package main

import (
	"github.com/sessionguard/sessionguard/ingest/kafka"
)

// readiness says whether every partition that this process owns is restored and caught up, and what is degraded. A member of
// the group that got no partition, because there are more members than partitions, is ready too.
func (s *service) readiness() readiness {
	state := readiness{Ready: true, ObserveOnly: s.observeOnly, Roles: s.roles, Partitions: []partitionReady{}, Degraded: []string{}}
	for _, st := range s.stages {
		assigned, joined := st.Assigned()
		state.Ready = state.Ready && joined && len(st.Status()) >= assigned
	}
	partitions := s.partitions()
	if s.cluster.Away() {
		state.Ready = false
	}
	for i := range partitions {
		state.add(&partitions[i])
	}
	for _, d := range s.degradations(partitions) {
		state.Degraded = append(state.Degraded, d.what)
	}
	return state
}

func (r *readiness) add(p *kafka.PartitionStatus) {
	if !p.Caught() {
		r.Ready = false
	}
	r.Partitions = append(r.Partitions, partitionReady{Topic: p.Topic, Partition: p.Partition, State: string(p.State),
		Lag: max(0, p.End-p.Next), Revision: p.Revision, Why: p.Reason})
}

// missing says what the process has to do without.
func (s *service) missing() []string {
	db := s.geo.get()
	if db == nil {
		return []string{"no geography: rules about place and network are not evaluable (--geoip-city, --geoip-asn)"}
	}
	var list []string
	for _, role := range db.Missing() {
		list = append(list, "no "+role+" database")
	}
	return list
}
