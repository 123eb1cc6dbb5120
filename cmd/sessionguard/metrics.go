package main

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// metrics reads the counters of the partitions when Prometheus asks. The counters live with their owners, so that counting
// costs nothing on the way of an event.
type metrics struct{ service *service }

// metric describes one number of a partition, under a name of its own for each stage.
type metric struct {
	first, second *prometheus.Desc
	kind          prometheus.ValueType
	of            func(*kafka.PartitionStatus) float64
}

func partitionMetric(name, help string, kind prometheus.ValueType, of func(*kafka.PartitionStatus) float64) metric {
	return metric{stageDesc("sessionguard_", name, help), stageDesc("sessionguard_observe_", name, "Of the second stage: "+help), kind, of}
}

func stageDesc(prefix, name, help string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, []string{"partition"}, nil)
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// partitionMetrics are those of both stages.
var partitionMetrics = []metric{
	partitionMetric("lag_records", "Records that wait to be judged.", gauge, func(p *kafka.PartitionStatus) float64 { return float64(max(0, p.End-p.Next)) }),
	partitionMetric("lag_seconds", "Age of the last record judged while more wait.", gauge, func(p *kafka.PartitionStatus) float64 { return p.LagSeconds }),
	partitionMetric("records_total", "Records judged.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Records) }),
	partitionMetric("replayed_total", "Records judged again after a restart.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Replayed) }),
	partitionMetric("dead_letters_total", "Records that could not be events.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.DeadLetters) }),
	partitionMetric("wrong_type_fields_total", "Optional fields that came with a wrong JSON type and counted as absent.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.Dropped) }),
	partitionMetric("misrouted_total", "Events on a partition that is not their key's.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Misrouted) }),
	partitionMetric("commands_total", "Commands published.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Commands) }),
	partitionMetric("observations_total", "Records written for the other stage: observations; of the second stage, verdicts.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Observations) }),
	partitionMetric("repeats_passed_over_total", "Records that the other stage wrote once more after a crash.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Again) }),
	partitionMetric("checkpoints_total", "Checkpoints committed.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Checkpoints) }),
	partitionMetric("checkpoint_age_seconds", "Time since the last checkpoint, where it does not cover all that was judged.", gauge, checkpointAge),
	partitionMetric("checkpoint_bytes", "Size of the last checkpoint's state, uncompressed.", gauge, func(p *kafka.PartitionStatus) float64 { return float64(p.CheckpointBytes) }),
	partitionMetric("checkpoint_seconds", "How long the last checkpoint took.", gauge, func(p *kafka.PartitionStatus) float64 { return p.CheckpointSeconds }),
	partitionMetric("restore_seconds", "How long the restore took.", gauge, func(p *kafka.PartitionStatus) float64 { return p.RestoreSeconds }),
	partitionMetric("stopped", "1 when the partition stopped and a person must act.", gauge, func(p *kafka.PartitionStatus) float64 { return oneIf(p.State == kafka.Stopped) }),
	partitionMetric("input_gap", "1 when it stopped because input is missing.", gauge, func(p *kafka.PartitionStatus) float64 { return oneIf(p.Gap) }),
	partitionMetric("evicted_total", "Sessions, users and networks forgotten for want of room.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.Evicted) }),
	partitionMetric("unknown_ids_untold_total", "Unknown session ids left out under a flood: the second stage was never told of them.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.Untold) }),
}

// sessionMetrics are of the first stage, which knows sessions and answers.
var sessionMetrics = []metric{
	partitionMetric("sessions", "Live sessions in the state.", gauge, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.Sessions) }),
	partitionMetric("users", "Users in the state.", gauge, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.Users) }),
	partitionMetric("clamped_total", "Events whose time was set to their record's.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.Clamped) }),
	partitionMetric("brake_tripped", "1 while a brake holds answers back.", gauge, func(p *kafka.PartitionStatus) float64 { return oneIf(len(p.Engine.Brakes) > 0) }),
	partitionMetric("braked_answers", "Answers that the brakes have held back since they tripped.", gauge, heldBack),
	partitionMetric("revokes_not_enforced_total", "Uses of sessions that we had revoked 30 s or more before: a person must look.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.RevokesNotEnforced) }),
	partitionMetric("revokes_failing", "1 when there was one within the last 15 minutes of event time.", gauge, func(p *kafka.PartitionStatus) float64 { return oneIf(p.Engine.Unenforced) }),
	partitionMetric("commands_unanswered", "Commands in force that the auth service has not acknowledged within 30 s.", gauge, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.Unanswered) }),
	partitionMetric("unknown_acknowledgements_total", "Acknowledgements of commands that are not known, or without a result.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.UnknownAnswers) }),
	partitionMetric("unknown_verdicts_total", "Verdicts on decisions that are not remembered, or without a label.", counter, func(p *kafka.PartitionStatus) float64 { return float64(p.Engine.UnknownVerdicts) }),
}

var (
	fatesDesc         = prometheus.NewDesc("sessionguard_events_total", "Events by what became of them.", []string{"fate"}, nil)
	observeFatesDesc  = prometheus.NewDesc("sessionguard_observe_events_total", "Observations by what became of them in the second stage.", []string{"fate"}, nil)
	actionsDesc       = prometheus.NewDesc("sessionguard_decisions_total", "Decisions by action.", []string{"action"}, nil)
	findingsDesc      = prometheus.NewDesc("sessionguard_findings_total", "Findings shown, by rule and mode.", []string{"rule", "mode"}, nil)
	notEvaluableDesc  = prometheus.NewDesc("sessionguard_not_evaluable_total", "Events on which a rule could not be judged.", []string{"rule"}, nil)
	rulesInfoDesc     = prometheus.NewDesc("sessionguard_rules_info", "The rules offered by this process.", []string{"revision", "ruleset"}, nil)
	rulesBrokenDesc   = prometheus.NewDesc("sessionguard_rules_broken", "1 while the rules file is broken and the last good one in force.", nil, nil)
	observeOnlyDesc   = prometheus.NewDesc("sessionguard_observe_only", "1 when no command is sent.", nil, nil)
	observeFencedDesc = prometheus.NewDesc("sessionguard_observe_fenced_commits_total", "Commits that the group of the second stage refused.", nil, nil)
	fencedDesc        = prometheus.NewDesc("sessionguard_fenced_commits_total", "Commits that the group refused.", nil, nil)
	archivedDesc      = prometheus.NewDesc("sessionguard_archived_rows_total", "Rows that the archive took.", nil, nil)
	geoRefusedDesc    = prometheus.NewDesc("sessionguard_geoip_refused", "Databases whose file on disk is broken or gone, while the last good one stays in use.", nil, nil)
	observeWaitDesc   = prometheus.NewDesc("sessionguard_observations_waiting", "Observations that no checkpoint of the second stage covers yet, in whichever process it runs.", nil, nil)
	observeStillDesc  = prometheus.NewDesc("sessionguard_observe_stalled", "1 while the second stage commits nothing although observations wait, in whichever process it runs.", nil, nil)
	kafkaAwayDesc     = prometheus.NewDesc("sessionguard_kafka_away", "1 while Kafka does not answer.", nil, nil)
	archiveStopDesc   = prometheus.NewDesc("sessionguard_archive_partitions_stopped", "Partitions that are archived no more until a person acts.", nil, nil)
	archiveAwayDesc   = prometheus.NewDesc("sessionguard_archive_away", "1 while the archive takes no blocks.", nil, nil)
)

// Describe sends nothing: which labels there are depends on the rules.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the numbers as they are now.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	s := m.service
	set := s.rules.current.Load()
	send(out, rulesInfoDesc, gauge, 1, set.Revision, set.Hash)
	send(out, rulesBrokenDesc, gauge, oneIf(s.rules.broken.Load() != nil))
	send(out, geoRefusedDesc, gauge, float64(len(s.geo.refusals())))
	send(out, kafkaAwayDesc, gauge, oneIf(s.cluster.Away()))
	send(out, observeOnlyDesc, gauge, oneIf(s.observeOnly))
	if s.observing != nil {
		send(out, observeWaitDesc, gauge, float64(s.observing.behind()))
		send(out, observeStillDesc, gauge, oneIf(s.observing.degraded(time.Now()) != ""))
	}
	if s.archiver != nil {
		send(out, archivedDesc, counter, float64(s.archiver.rows.Load()))
		send(out, archiveStopDesc, gauge, float64(len(s.archiver.stops())))
		send(out, archiveAwayDesc, gauge, oneIf(s.archiver.away.Load() > 0))
	}
	for _, st := range s.stages {
		collectStage(out, st)
	}
	collectEngines(out, s.partitions())
}

// collectStage sends what the partitions of a stage counted.
func collectStage(out chan<- prometheus.Metric, st stage) {
	partitions := st.Status()
	if st.role == roleObserve {
		send(out, observeFencedDesc, counter, float64(st.FencedCommits()))
		collectFates(out, observeFatesDesc, partitions)
	} else {
		send(out, fencedDesc, counter, float64(st.FencedCommits()))
		collectFates(out, fatesDesc, partitions)
	}
	for i := range partitions {
		p := &partitions[i]
		for _, m := range partitionMetrics {
			desc := m.first
			if st.role == roleObserve {
				desc = m.second
			}
			send(out, desc, m.kind, m.of(p), strconv.Itoa(p.Partition))
		}
		for _, m := range sessionMetrics {
			if st.role == roleDetect {
				send(out, m.first, m.kind, m.of(p), strconv.Itoa(p.Partition))
			}
		}
	}
}

// collectFates sends what became of the events of a stage.
func collectFates(out chan<- prometheus.Metric, desc *prometheus.Desc, partitions []kafka.PartitionStatus) {
	var fates [detector.NumFates]uint64
	for i := range partitions {
		for f, n := range partitions[i].Engine.Fates {
			fates[f] += n
		}
	}
	for f, n := range fates {
		send(out, desc, counter, float64(n), detector.Fate(f).String())
	}
}

// collectEngines sends what the engines answered, summed over the partitions of both stages.
func collectEngines(out chan<- prometheus.Metric, partitions []kafka.PartitionStatus) {
	var actions [rules.NumActions]uint64
	enforced, shadow, notEvaluable := map[string]uint64{}, map[string]uint64{}, map[string]uint64{}
	for i := range partitions {
		e := &partitions[i].Engine
		for a, n := range e.Actions {
			actions[a] += n
		}
		addAll(enforced, e.Findings)
		addAll(shadow, e.Shadow)
		addAll(notEvaluable, e.NotEvaluable)
	}
	collectLoop(out, partitions)
	for a, n := range actions {
		send(out, actionsDesc, counter, float64(n), rules.Action(a).String())
	}
	for rule, n := range enforced {
		send(out, findingsDesc, counter, float64(n), rule, rules.Enforce.String())
	}
	for rule, n := range shadow {
		send(out, findingsDesc, counter, float64(n), rule, rules.Shadow.String())
	}
	for rule, n := range notEvaluable {
		send(out, notEvaluableDesc, counter, float64(n), rule)
	}
}

func addAll(to, from map[string]uint64) {
	for name, n := range from {
		to[name] += n
	}
}

func send(out chan<- prometheus.Metric, desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
}

// checkpointAge is how old the oldest work is that a crash would repeat: 0 when the last checkpoint covers all.
func checkpointAge(p *kafka.PartitionStatus) float64 {
	if p.CheckpointAt.IsZero() || p.Next <= p.Covered {
		return 0
	}
	return time.Since(p.CheckpointAt).Seconds()
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
