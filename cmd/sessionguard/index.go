package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
)

//go:embed index.html
var indexText string

// indexPage escapes everything by where it stands in the page.
var indexPage = template.Must(template.New("index").Parse(indexText))

// indexDecisions is how many decisions the page shows.
const indexDecisions = 50

// indexRow is a decision as the page shows it.
type indexRow struct{ decisionLine }

// Clock gives the date and time to the second.
func (r indexRow) Clock() string {
	at, _, _ := strings.Cut(strings.TrimSuffix(r.Time, "Z"), ".")
	return strings.Replace(at, "T", " ", 1)
}

// Did gives what was done, or would have been.
func (r indexRow) Did() string { return r.did() }

// RuleNames gives the rules that fired.
func (r indexRow) RuleNames() string { return strings.Join(r.ruleNames(), ", ") }

// Reason gives the leading rule's reason, or why there is none.
func (r indexRow) Reason() string {
	switch {
	case len(r.Rules) > 0:
		return r.Rules[0].Reason
	case r.Action == "none":
		return "a sensitive action was asked for: all clear"
	}
	return "its session stands there"
}

// index shows the state of this process and the last decisions; it loads itself again by itself.
func (in interior) index(w http.ResponseWriter, _ *http.Request) {
	var page struct {
		State     readiness
		Decisions []indexRow
	}
	page.State = in.ready()
	for _, text := range in.recent.last(indexDecisions) {
		var row indexRow
		if err := json.Unmarshal(text, &row.decisionLine); err == nil { // it was made by this program
			page.Decisions = append(page.Decisions, row)
		}
	}
	var body bytes.Buffer
	if err := indexPage.Execute(&body, page); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body.Bytes()) // the client went away
}
