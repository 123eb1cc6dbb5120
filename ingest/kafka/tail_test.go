package kafka

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// From a time on, in every partition: what is older is left out, and what comes after the call is shown too.
func TestTailSince(t *testing.T) {
	ctx := soon(t)
	c, _ := onKfake(t, 3)
	now := time.Now().Truncate(time.Millisecond)
	var old, wanted []Message
	for i := range 9 {
		key := []byte(fmt.Sprint("u-", i))
		old = append(old, Message{Key: key, Value: fmt.Append(nil, "old ", i), TimeMS: now.Add(-2 * time.Hour).UnixMilli()})
		wanted = append(wanted, Message{Key: key, Value: fmt.Append(nil, "new ", i), TimeMS: now.Add(-time.Duration(i) * time.Minute).UnixMilli()})
	}
	for _, messages := range [][]Message{old, wanted} {
		if err := c.Publish(ctx, c.Topics.Decisions, messages); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var seen []string
	err := c.TailSince(ctx, c.Topics.Decisions, now.Add(-time.Hour), func(_ int, r *Record) error {
		seen = append(seen, string(r.Value))
		if len(seen) == len(wanted) {
			go func() {
				_ = c.Publish(t.Context(), c.Topics.Decisions, []Message{{Key: []byte("u-1"), Value: []byte("new 9")}})
			}()
		}
		if len(seen) == len(wanted)+1 {
			stop()
		}
		return nil
	})
	slices.Sort(seen)
	want := []string{}
	for i := range 10 {
		want = append(want, fmt.Sprint("new ", i))
	}
	if err != context.Canceled || !slices.Equal(seen, want) {
		t.Errorf("%v, seen %q", err, seen)
	}
}
