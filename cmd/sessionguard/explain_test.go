package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionguard/sessionguard/storage"
	"github.com/sessionguard/sessionguard/storage/archivetest"
	"github.com/sessionguard/sessionguard/storage/open"
)

const hour = 3600_000

// judgedArchive holds three days of decisions, one every six hours, and what analysts said of some of them.
func judgedArchive(t *testing.T) (url string) {
	t.Helper()
	url = "sqlite:" + filepath.Join(t.TempDir(), "archive.db")
	a, err := open.Archive(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	decisions := &storage.Block{Topic: archivetest.Decisions, Last: 11}
	for i := range int64(12) {
		d := archivetest.Decision(0, i)
		d.TimeMS, d.Rules = archivetest.StartMS-72*hour+i*6*hour, []string{"new-country"}
		decisions.Decisions = append(decisions.Decisions, d)
	}
	verdicts := &storage.Block{Topic: archivetest.Events}
	for i, v := range []string{"0 false_positive", "1 true_positive", "2 unsure", "5 false_positive", "6 true_positive", "7 true_positive", "0 true_positive", "5 maybe"} {
		decision, label, _ := strings.Cut(v, " ")
		e := archivetest.Event(0, int64(i))
		e.Type, e.Raw = "verdict.recorded", fmt.Sprintf(`{"type":"verdict.recorded","data":{"verdict":{"decision_id":"d1-0-%s","label":"%s","by":"soc"}}}`, decision, label)
		verdicts.Events, verdicts.Last = append(verdicts.Events, e), int64(i)
	}
	for _, b := range []*storage.Block{decisions, verdicts} {
		if err := a.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	return url
}

func TestExplainRule(t *testing.T) {
	url := judgedArchive(t)
	for _, tt := range []struct{ name, args, want string }{
		{"a week, by day", "--rule new-country --until 2026-11-23", `new-country, from 2026-11-16T00:00:00Z to 2026-11-23T00:00:00Z

         day  decisions  true  false  unsure  precision
  2026-11-19          3     2      0       1      100 %
  2026-11-20          4     1      1       0       50 %
  2026-11-21          4     1      0       0      100 %
  2026-11-22          1     0      0       0          -
         all         12     4      1       1       80 %
`},
		{"the last hours", "--rule new-country --until 2026-11-22T09:00:00Z --last 12h", `new-country, from 2026-11-21T21:00:00Z to 2026-11-22T09:00:00Z

         day  decisions  true  false  unsure  precision
  2026-11-21          1     0      0       0          -
  2026-11-22          1     0      0       0          -
         all          2     0      0       0          -
`},
		{"a rule that did not fire", "--rule canary-used --until 2026-11-23 --last 2d", `canary-used, from 2026-11-21T00:00:00Z to 2026-11-23T00:00:00Z

The archive holds no decision in which it fired.
`},
		{"json", "--rule new-country --until 2026-11-20 --last 1d --format json", `{
  "rule": "new-country",
  "from": "2026-11-19T00:00:00Z",
  "to": "2026-11-20T00:00:00Z",
  "days": [
    {
      "day": "2026-11-19",
      "decisions": 3,
      "true_positive": 2,
      "false_positive": 0,
      "unsure": 1,
      "precision": 1
    }
  ],
  "all": {
    "decisions": 3,
    "true_positive": 2,
    "false_positive": 0,
    "unsure": 1,
    "precision": 1
  }
}
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out, diagnostics bytes.Buffer
			args := append([]string{"explain", "--archive", url}, strings.Fields(tt.args)...)
			if code := run(t.Context(), args, streams{out: &out, err: &diagnostics}, nil); code != 0 || out.String() != tt.want {
				t.Errorf("exit %d, %s, got\n%s\nwant\n%s", code, diagnostics.String(), out.String(), tt.want)
			}
		})
	}
}
