package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// What came back on our own answers: from the auth service, and from analysts.
var (
	answersDesc   = prometheus.NewDesc("sessionguard_acknowledgements_total", "Acknowledgements of commands, by action and result.", []string{"action", "result"}, nil)
	verdictsDesc  = prometheus.NewDesc("sessionguard_verdicts_total", "Verdicts of analysts, by rule that fired and label.", []string{"rule", "label"}, nil)
	judgedDesc    = prometheus.NewDesc("sessionguard_judged_decisions", "Decisions of the last 7 days on which analysts gave a verdict, by rule and last label.", []string{"rule", "label"}, nil)
	precisionDesc = prometheus.NewDesc("sessionguard_rule_precision", "Share of true positives among the decisions of the last 7 days on which analysts were sure.", []string{"rule"}, nil)
)

// collectLoop sends what the engines counted of it, summed over the partitions.
func collectLoop(out chan<- prometheus.Metric, partitions []kafka.PartitionStatus) {
	var answers detector.Answers
	total, lately := map[string]detector.Verdicts{}, map[string]detector.Verdicts{}
	for i := range partitions {
		e := &partitions[i].Engine
		for action := range answers {
			for result, n := range e.Answers[action] {
				answers[action][result] += n
			}
		}
		addVerdicts(total, e.Verdicts)
		addVerdicts(lately, e.Lately)
	}
	for action := range answers {
		for result, n := range answers[action] {
			if n > 0 {
				send(out, answersDesc, counter, float64(n), rules.Action(action).String(), detector.Results[result])
			}
		}
	}
	for rule, v := range total {
		sendVerdicts(out, verdictsDesc, counter, rule, v)
	}
	for rule, v := range lately {
		sendVerdicts(out, judgedDesc, gauge, rule, v)
		if share, known := v.Precision(); known {
			send(out, precisionDesc, gauge, share, rule)
		}
	}
}

func addVerdicts(to, from map[string]detector.Verdicts) {
	for rule, v := range from {
		sum := to[rule]
		sum.Add(v)
		to[rule] = sum
	}
}

func sendVerdicts(out chan<- prometheus.Metric, desc *prometheus.Desc, kind prometheus.ValueType, rule string, v detector.Verdicts) {
	for i, n := range [...]uint64{v.True, v.False, v.Unsure} {
		send(out, desc, kind, float64(n), rule, detector.Labels[i])
	}
}
