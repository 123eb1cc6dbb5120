package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/sessionguard/sessionguard/storage"
)

// ruleGrades is how good a rule was over some days.
type ruleGrades struct {
	rule     string
	from, to time.Time
	days     []storage.Grades
}

func (g *ruleGrades) all() (sum storage.Grades) {
	for _, d := range g.days {
		sum.Add(d)
	}
	return sum
}

func (g *ruleGrades) writeTable(w io.Writer) error {
	fmt.Fprintf(w, "%s, from %s to %s\n\n", g.rule, clockTime(g.from.UnixMilli()), clockTime(g.to.UnixMilli()))
	if len(g.days) == 0 {
		_, err := fmt.Fprintln(w, "The archive holds no decision in which it fired.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "day\tdecisions\ttrue\tfalse\tunsure\tprecision\t")
	for _, d := range g.days {
		writeGrades(table, dayText(d.DayMS), d)
	}
	writeGrades(table, "all", g.all())
	return table.Flush()
}

func writeGrades(w io.Writer, name string, g storage.Grades) {
	precision := "-"
	if share, known := g.Precision(); known {
		precision = strconv.FormatFloat(100*share, 'f', 0, 64) + " %"
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\t\n", name, g.Decisions, g.True, g.False, g.Unsure, precision)
}

// gradesJSON is the JSON form of a day's grades, or of all.
type gradesJSON struct {
	Day       string   `json:"day,omitempty"`
	Decisions uint64   `json:"decisions"`
	True      uint64   `json:"true_positive"`
	False     uint64   `json:"false_positive"`
	Unsure    uint64   `json:"unsure"`
	Precision *float64 `json:"precision"` // null: no analyst was sure
}

func (g *ruleGrades) writeJSON(w io.Writer) error {
	days := []gradesJSON{}
	for _, d := range g.days {
		days = append(days, jsonOf(dayText(d.DayMS), d))
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		Rule string       `json:"rule"`
		From time.Time    `json:"from"`
		To   time.Time    `json:"to"`
		Days []gradesJSON `json:"days"`
		All  gradesJSON   `json:"all"`
	}{g.rule, g.from, g.to, days, jsonOf("", g.all())})
}

func jsonOf(day string, g storage.Grades) gradesJSON {
	j := gradesJSON{Day: day, Decisions: g.Decisions, True: g.True, False: g.False, Unsure: g.Unsure}
	if share, known := g.Precision(); known {
		j.Precision = &share
	}
	return j
}

func dayText(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }
