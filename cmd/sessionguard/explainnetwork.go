package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/kafka"
	"github.com/sessionguard/sessionguard/rules"
)

// explainNetwork shows what the second stage knows of a network or provider: at the end of a replay, or as of its last checkpoint in Kafka.
func (o *explainOptions) explainNetwork(ctx context.Context, std streams) error {
	key, ok := detector.NetworkKey(o.network)
	switch {
	case !ok:
		return misused("--network %q is no address, no prefix of 24 bits (IPv6: 48) or more, and no provider such as AS64500", o.network)
	case (o.replay.events == "") == (len(o.kafka.Brokers) == 0):
		return misused("say where to look: --events FILE|- or --brokers HOST:PORT,...")
	}
	look := o.inReplay
	if len(o.kafka.Brokers) > 0 {
		look = o.inKafka
	}
	known, err := look(ctx, std, key)
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		return writeNetworkJSON(std.out, key, known)
	}
	return writeNetwork(std.out, key, known)
}

// inReplay looks at the end of a replay. It gives nil where nothing is known.
func (o *explainOptions) inReplay(ctx context.Context, std streams, key string) (*detector.NetworkKnown, error) {
	r, err := o.replay.open(std)
	if err != nil {
		return nil, err
	}
	r.show = func(*replay, detector.Outcome) {}
	in, err := openEvents(o.replay.events, std.in)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := r.replay(ctx, in, bufio.NewWriter(io.Discard)); err != nil {
		return nil, err
	}
	return found(r.house.Network(o.tenant, key))
}

func found(n detector.NetworkKnown, known bool) (*detector.NetworkKnown, error) {
	if !known {
		return nil, nil
	}
	return &n, nil
}

// inKafka looks into the snapshot of the key's partition.
func (o *explainOptions) inKafka(ctx context.Context, _ streams, key string) (*detector.NetworkKnown, error) {
	cluster, err := reachKafka(ctx, o.kafka)
	if err != nil {
		return nil, err
	}
	defer cluster.Close()
	stored, err := cluster.StateOf(ctx, observeGroup(o.group), cluster.Topics.Observations, key)
	if err != nil {
		return nil, unreachable("%w", err)
	}
	g, err := o.restored(&stored)
	if err != nil {
		return nil, unusable("%w", err)
	}
	return found(g.Network(o.tenant, key))
}

func (o *explainOptions) restored(stored *kafka.StoredState) (*detector.Engine, error) {
	set, problems := rules.Load(stored.Rules, detector.Language(), rules.Options{})
	if set == nil {
		return nil, fmt.Errorf("load the rules of the snapshot of partition %d: %d problems", stored.Partition, len(problems))
	}
	g := detector.New(detector.Config{Rules: set, Stage: detector.SecondStage, HashKey: stateKey(o.group, o.kafka.TopicPrefix)})
	return g, g.Restore(bytes.NewReader(stored.Snapshot))
}

// networkName is a key as people write it.
func networkName(key string) string {
	if asn, ok := strings.CutPrefix(key, "asn:"); ok {
		return "AS" + asn
	}
	return strings.TrimPrefix(key, "ip:")
}

func writeNetwork(w io.Writer, key string, n *detector.NetworkKnown) error {
	name := networkName(key)
	if n == nil {
		_, err := fmt.Fprintf(w, "%s: nothing is known of it. Nobody was told of there, or in another tenant (--tenant).\n", name)
		return err
	}
	place := "has a place"
	if n.LearnedMS != 0 {
		place = fmt.Sprintf("has no place for sessions that begin after %s, until %s", clockTime(n.LearnedMS), clockTime(n.UntilMS))
	}
	fmt.Fprintf(w, "%s %s:\n%s.\n\n", name, place, n.Why)
	fmt.Fprintf(w, "About %d users were seen there whose home is known: %d live near, %d far away. Seen last at %s.\n", n.Users, n.Near, n.Far, clockTime(n.SeenMS))
	return writeGraph(w, n)
}

// writeGraph writes the two kinds of edges.
func writeGraph(w io.Writer, n *detector.NetworkKnown) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(n.Homes) > 0 {
		fmt.Fprint(table, "\nhomes of the latest who came from far\tusers\n")
	}
	for _, h := range n.Homes {
		fmt.Fprintf(table, "%s\t%d\n", homeName(&h), h.Users)
	}
	if len(n.Ways) > 0 {
		fmt.Fprint(table, "\nways of unchanged clients\twith\tusers\tordinary since\tuntil\n")
	}
	for _, way := range n.Ways {
		since, until := "not yet", "-"
		if way.LearnedMS != 0 {
			since, until = clockTime(way.LearnedMS), clockTime(way.UntilMS)
		}
		with := fmt.Sprintf("AS%d", way.With)
		if way.With == 0 {
			with = "any"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", way.Kind, with, way.Users, since, until)
	}
	return table.Flush()
}

func homeName(h *detector.HomeKnown) string {
	where := strings.TrimSpace(h.City + " " + h.Country)
	if h.City == "" && (h.Lat != 0 || h.Lon != 0) {
		where = strings.TrimSpace(fmt.Sprintf("%s near %.1f, %.1f", h.Country, h.Lat, h.Lon))
	}
	return where
}

// networkJSON is the JSON form of what is known of a network.
type networkJSON struct {
	Network   string     `json:"network"`
	Known     bool       `json:"known"`
	HasPlace  bool       `json:"has_place"`
	Why       string     `json:"why,omitempty"`
	LearnedAt string     `json:"learned_at,omitempty"`
	Until     string     `json:"until,omitempty"`
	SeenAt    string     `json:"seen_at,omitempty"`
	Users     int        `json:"users"`
	Near      int        `json:"users_near"`
	Far       int        `json:"users_far"`
	Homes     []homeJSON `json:"homes"`
	Ways      []wayJSON  `json:"ways"`
}

type homeJSON struct {
	City    string  `json:"city,omitempty"`
	Country string  `json:"country,omitempty"`
	Lat     float64 `json:"lat"`
	Lon     float64 `json:"lon"`
	Users   int     `json:"users"`
}

type wayJSON struct {
	Kind      string `json:"kind"`
	With      uint32 `json:"with_asn"`
	Users     int    `json:"users"`
	LearnedAt string `json:"learned_at,omitempty"`
	Until     string `json:"until,omitempty"`
}

func writeNetworkJSON(w io.Writer, key string, n *detector.NetworkKnown) error {
	out := networkJSON{Network: networkName(key), Known: n != nil, HasPlace: true, Homes: []homeJSON{}, Ways: []wayJSON{}}
	if n != nil {
		out.HasPlace, out.Why, out.SeenAt = n.LearnedMS == 0, n.Why, timeOrNone(n.SeenMS)
		out.LearnedAt, out.Until = timeOrNone(n.LearnedMS), timeOrNone(n.UntilMS)
		out.Users, out.Near, out.Far = n.Users, n.Near, n.Far
		for _, h := range n.Homes {
			out.Homes = append(out.Homes, homeJSON(h))
		}
		for _, way := range n.Ways {
			out.Ways = append(out.Ways, wayJSON{way.Kind, way.With, way.Users, timeOrNone(way.LearnedMS), timeOrNone(way.UntilMS)})
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

// timeOrNone is a time, "" for never.
func timeOrNone(ms int64) string {
	if ms == 0 {
		return ""
	}
	return clockTime(ms)
}
