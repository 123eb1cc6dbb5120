package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	kafkago "github.com/segmentio/kafka-go"
)

// ErrFenced means that the consumer group moved on without this member: its commit was refused, and its state is void.
var ErrFenced = errors.New("the consumer group gave this partition to another member")

// GapError means that records that were to be read are gone, or that the log ends before the offset that was wanted. It
// never mends itself: a person must decide.
type GapError struct {
	Topic       string
	Partition   int
	Want        int64 // the offset to be read next
	First, End  int64 // what the log holds: from First to before End
	InTheMiddle bool  // the log holds records before and after, but not this one
}

func (e *GapError) Error() string {
	at := fmt.Sprintf("partition %d of %q", e.Partition, e.Topic)
	switch {
	case e.InTheMiddle:
		return fmt.Sprintf("input gap: %s jumps from offset %d to %d%s", at, e.Want, e.First, e.remedy())
	case e.Want > e.End:
		return fmt.Sprintf("input lost: %s ends at offset %d, but offset %d was already read (topic made anew, or unclean leader election)%s", at, e.End, e.Want, e.remedy())
	}
	return fmt.Sprintf("input gap: %s begins at offset %d, offset %d is wanted: %d records were deleted before they were read%s", at, e.First, e.Want, e.First-e.Want, e.remedy())
}

func (e *GapError) remedy() string {
	return "; find out what is lost, then start with --bootstrap cold to go on behind it"
}

func asGap(err error) (gap *GapError, ok bool) {
	ok = errors.As(err, &gap)
	return gap, ok
}

// maxErrorBytes is how much of an error people are shown: kafka-go repeats a failed batch's error once a message.
const maxErrorBytes = 300

// brief cuts an error's text and keeps its kind.
func brief(err error) error {
	if err == nil || len(err.Error()) <= maxErrorBytes && !strings.HasPrefix(err.Error(), clientCall) {
		return err
	}
	return &cutError{err}
}

// clientCall is how kafka-go begins the name of the call that failed: a Go type, which tells a person nothing.
const clientCall = "kafka.(*Client)."

type cutError struct{ whole error }

func (e *cutError) Error() string {
	text := e.whole.Error()
	if strings.HasPrefix(text, clientCall) {
		if _, cause, found := strings.Cut(text, ": "); found {
			text = cause
		}
	}
	if len(text) > maxErrorBytes {
		return text[:maxErrorBytes] + "..."
	}
	return text
}

func (e *cutError) Unwrap() error { return e.whole }

// Refused says whether Kafka answered a request and would not do it: it was reached.
func Refused(err error) bool {
	var answer kafkago.Error
	return errors.As(err, &answer)
}

// permanent says whether trying again cannot help.
func permanent(err error) bool {
	if _, gap := asGap(err); gap {
		return true
	}
	for _, kind := range []kafkago.Error{
		kafkago.MessageSizeTooLarge, kafkago.RecordListTooLarge, kafkago.InvalidMessage, kafkago.InvalidTopic,
		kafkago.TopicAuthorizationFailed, kafkago.GroupAuthorizationFailed, kafkago.ClusterAuthorizationFailed,
		kafkago.OffsetMetadataTooLarge, kafkago.InvalidTimestamp, kafkago.UnsupportedForMessageFormat,
		kafkago.PolicyViolation, kafkago.InvalidRequiredAcks, kafkago.UnsupportedVersion,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// fenced says whether the group coordinator refused this member or its generation.
func fenced(err error) bool {
	return errors.Is(err, kafkago.IllegalGeneration) || errors.Is(err, kafkago.UnknownMemberId) ||
		errors.Is(err, kafkago.RebalanceInProgress) || errors.Is(err, kafkago.FencedInstanceID)
}

// retry calls once again and again, with back-off, until it succeeds, fails for good, or ctx ends. It tells people when
// the first of our requests goes without an answer, and when the last of them has got one: not once a partition.
func (c *Cluster) retry(ctx context.Context, what string, once func(context.Context) error) error {
	wait, away := 100*time.Millisecond, false
	defer func() {
		if away {
			c.away.Add(-1)
		}
	}()
	for {
		err := once(ctx)
		switch {
		case err == nil:
			if away {
				away = false
				c.away.Add(-1)
			}
			if c.away.Load() == 0 && c.told.CompareAndSwap(true, false) {
				c.log.Info("Kafka answers again", "to", what)
			}
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case permanent(err) || fenced(err):
			return brief(err)
		}
		// The first failures are everyday: a leader moved, a coordinator is being elected.
		if !away && wait > 400*time.Millisecond {
			away = true
			c.away.Add(1)
			if c.told.CompareAndSwap(false, true) {
				c.log.Warn("Kafka does not answer; trying on", "to", what, "error", brief(err).Error())
			}
		}
		if !sleep(ctx, wait) {
			return ctx.Err()
		}
		wait = min(wait*2, time.Second)
	}
}

// sleep waits and says whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
