package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// The brake, tried: the service runs at full load with the shipped rules, and something goes wrong for everybody at once. Commands stay
// within the limit, a person is paged, nothing is lost, and lifting the brake goes on from where it was. With more customers:
//
//	go test ./cmd/sessionguard -run BrakeHolds -crowd 40000
func TestBrakeHoldsAShuffledDatabase(t *testing.T) {
	t.Parallel()
	tr := newTrial(t)
	tr.play(tr.signIn, tr.at(wifi, 10*time.Minute))
	tr.wantCommands("customers sign in and move about their towns", nil)

	tr.writePlaces(1)
	tr.adopted("geography adopted")
	tr.play(tr.at(home, 20*time.Minute))
	tr.wantHeld("a shuffled database", *crowd, answered{stepUps: stepUpsEach})
	tr.wantPaged("step-ups")

	tr.live.stop()
	tr.start()
	tr.wantPaged("step-ups")
	tr.play(tr.at(wifi, 21*time.Minute))
	tr.wantCommands("a restart, and on it goes", map[string]int{"retract": stepUpsEach * testPartitions}) // the way back shows that it was none

	tr.writePlaces(0)
	tr.adopted("geography adopted")
	tr.lift("the database is mended")
	tr.play(tr.at(home, 50*time.Minute))
	tr.wantCommands("the database is mended", nil)
}

func TestBrakeHoldsATypingError(t *testing.T) {
	t.Parallel()
	tr := newTrial(t)
	tr.play(tr.signIn, tr.awayAt(home, 8*time.Hour))
	tr.wantCommands("customers fly to another town", nil)

	tr.writeRules("10")
	tr.adopted("rules adopted")
	tr.play(tr.at(home, 17*time.Hour))
	tr.wantHeld("10 km/h where 1000 was meant", *crowd, answered{stepUps: stepUpsEach})
	tr.wantPaged("step-ups")

	tr.writeRules("1000")
	tr.adopted("rules adopted")
	tr.lift("the typing error is mended")
	tr.play(tr.at(home, 17*time.Hour+2*time.Minute))
	tr.wantCommands("the typing error is mended", map[string]int{"retract": stepUpsEach * testPartitions}) // what it had asked for is taken back
}

func TestBrakeHoldsAProxyThatMixesCustomersUp(t *testing.T) {
	t.Parallel()
	tr := newTrial(t)
	tr.play(tr.signIn, tr.at(proxy, 10*time.Minute))
	tr.wantHeld("one address for everybody", *crowd, answered{stepUps: stepUpsEach})
	tr.wantPaged("step-ups")
	tr.lift("the proxy is mended")
	tr.play(tr.at(home, 40*time.Minute))
	tr.wantCommands("the proxy is mended", nil)

	other, paired := pairs()
	tr.play(tr.sessionOf(other, time.Hour))
	tr.wantHeld("the session of another", paired, answered{revokes: revokesEach, stepUps: stepUpsEach})
	tr.wantPaged("revokes", "step-ups")
	// Nothing is mended, and the brake is lifted all the same: so many again, and it holds again.
	tr.lift("let us see")
	tr.play(tr.sessionOf(other, time.Hour+2*time.Minute))
	a := tr.answers()
	for p := range testPartitions {
		// Who has a step-up in force, where a revoke was held back, is not asked again.
		if got := a.of(p); got.revokes != revokesEach || got.stepUps == 0 || got.stepUps > stepUpsEach {
			t.Errorf("lifted too early: partition %d answered %+v, want %d revokes and at most %d step-ups", p, got, revokesEach, stepUpsEach)
		}
	}
	tr.lift("the cache is mended")

	tr.play(tr.gatewaysOwn(2 * time.Hour))
	tr.wantCommands("one session id for everybody is one session, on each partition", map[string]int{"revoke_session": 2 * testPartitions}) // the second as it goes on after 30 s
}

// The limits of contracts.md section 6 for one of testPartitions partitions; the share of the crowd is below them.
const (
	stepUpsEach = (1000 + testPartitions - 1) / testPartitions
	revokesEach = (200 + testPartitions - 1) / testPartitions
)

// answered is how many commands of a kind each partition may give.
type answered struct{ revokes, stepUps int }

func (a *answers) of(partition int) answered {
	return answered{a.commands[partition]["revoke_session"], a.commands[partition]["require_reauth"]}
}

// wantHeld demands that every partition answered up to its limit and not once more, and that the decision of every customer is there.
func (tr *trial) wantHeld(what string, customers int, want answered) {
	tr.t.Helper()
	a := tr.answers()
	for p := range testPartitions {
		if got := a.of(p); got != want {
			tr.t.Errorf("%s: partition %d answered %+v, want %+v: commands %v", what, p, got, want, a.commands[p])
		}
	}
	given := want.revokes // a revoke that became a step-up was held back too
	if given == 0 {
		given = want.stepUps
	}
	if want := customers - given*testPartitions; a.held != want || a.decided != customers {
		tr.t.Errorf("%s: of %d customers %d decisions, %d of them braked; want all, and %d", what, customers, a.decided, a.held, want)
	}
}

// wantCommands demands these commands, by action, and no other.
func (tr *trial) wantCommands(what string, want map[string]int) {
	tr.t.Helper()
	got := map[string]int{}
	for _, commands := range tr.answers().commands {
		for action, n := range commands {
			got[action] += n
		}
	}
	if !maps.Equal(got, want) {
		tr.t.Errorf("%s: commands %v, want %v", what, got, want)
	}
}

// wantPaged demands that a person is told of each brake: by readiness, by one line of the log, and by a metric of every partition.
func (tr *trial) wantPaged(brakes ...string) {
	tr.t.Helper()
	for _, brake := range brakes {
		tr.live.logs(`level=WARN msg=degraded what="the brake holds ` + brake + ` back since \S+Z \(partitions [0-3, ]+, \d+ answers?\): look for`)
		if n := strings.Count(tr.live.log.String(), `msg=degraded what="the brake holds `+brake); n != tr.paged[brake]+1 {
			tr.t.Errorf("%d lines of the log say that the brake holds %s back, want %d", n, brake, tr.paged[brake]+1)
		}
		tr.paged[brake]++
	}
	state := tr.live.ready()
	shown := slices.DeleteFunc(state.Degraded, func(what string) bool { return !strings.HasPrefix(what, "the brake holds ") })
	if !state.Ready || len(shown) != len(brakes) {
		tr.t.Errorf("ready is %v, degraded %q: want ready, and %v", state.Ready, state.Degraded, brakes)
	}
	if got := tr.metric("sessionguard_brake_tripped"); got != testPartitions {
		tr.t.Errorf("sessionguard_brake_tripped is %v in all, want %d", got, testPartitions)
	}
}

// lift has a person lift the brake, and waits until every partition heard it.
func (tr *trial) lift(why string) {
	tr.t.Helper()
	tr.answers() // what came before is not of interest any more
	said := program(tr.t, 0, "control", "resume-brake", "--brokers", tr.broker.Addr, "--by", "ann", "--why", why)
	if want := fmt.Sprintf("ordered resume_brake by ann: written to all %d partitions of session.events\n", testPartitions); said != want {
		tr.t.Errorf("control says %q, want %q", said, want)
	}
	tr.published += testPartitions
	tr.settle()
	tr.live.until("no brake is shown", func() bool {
		return !slices.ContainsFunc(tr.live.ready().Degraded, func(what string) bool { return strings.HasPrefix(what, "the brake ") })
	})
	tr.live.logs(`msg="no longer degraded" what="the brake holds step-ups back`)
	if a := tr.answers(); a.lifted != testPartitions || a.reason != "by ann: "+why {
		tr.t.Errorf("%d decisions say that a brake was lifted, %q; want %d", a.lifted, a.reason, testPartitions)
	}
}
