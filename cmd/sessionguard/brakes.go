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
	var order []string
	where := map[string][]string{} // partitions, by brake
	all := map[string]detector.Tripped{}
	for i := range partitions {
		for _, b := range partitions[i].Engine.Brakes {
			sum, seen := all[b.Brake]
			if !seen {
				order, sum = append(order, b.Brake), b
			} else {
				sum.SinceMS, sum.Held = min(sum.SinceMS, b.SinceMS), sum.Held+b.Held
			}
			all[b.Brake] = sum
			where[b.Brake] = append(where[b.Brake], fmt.Sprint(partitions[i].Partition))
		}
	}
	var list []degradation
	for _, brake := range order {
		b := all[brake]
		list = append(list, degradation{key: "brake " + brake, what: fmt.Sprintf(
			"the brake holds %s back since %s (partitions %s, %s): look for a bad rule or database, then lift it with sessionguard control resume-brake",
			brakedWhat(brake), clockTime(b.SinceMS), strings.Join(where[brake], ", "), count(b.Held, "answer"))})
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
