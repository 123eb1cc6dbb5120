package main

import (
	"fmt"
	"strings"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// brakeDegradations gives one degradation for each brake that holds answers back on any partition: it is one fault, on however many of them.
func brakeDegradations(partitions []kafka.PartitionStatus) []degradation {
	var all []detector.Tripped
	where := map[string][]string{} // partitions, by brake
	for i := range partitions {
		all = detector.MergeTripped(all, partitions[i].Engine.Brakes)
		for _, b := range partitions[i].Engine.Brakes {
			where[b.Brake] = append(where[b.Brake], fmt.Sprint(partitions[i].Partition))
		}
	}
	var list []degradation
	for _, b := range all {
		list = append(list, degradation{key: "brake " + b.Brake, what: fmt.Sprintf(
			"the brake holds %s back since %s (partitions %s, %s): look for a bad rule or database, then lift it with sessionguard control resume-brake",
			brakedWhat(b.Brake), clockTime(b.SinceMS), strings.Join(where[b.Brake], ", "), count(b.Held, "answer"))})
	}
	return list
}

// brakedWhat says for people what a brake holds back.
func brakedWhat(brake string) string {
	switch brake {
	case rules.RequireReauth.String():
		return "step-ups"
	case detector.BrakeRevoke:
		return "revokes"
	}
	return "what rule " + brake + " asks for"
}

// heldBack sums what the brakes of a partition have held back.
func heldBack(p *kafka.PartitionStatus) float64 {
	var sum uint64
	for _, b := range p.Engine.Brakes {
		sum += b.Held
	}
	return float64(sum)
}
