package bank

import "math/rand/v2"

// tokens are the app's: a short access token, which no event shows, and the refresh token that buys the next one and
// is spent by it (RFC 9700, section 4.14.2).
type tokens struct {
	family     string
	id         string // the refresh token that the app holds
	previous   string // the one before, "" when there was none
	generation int64  // of it, from 1
	issuedMS   int64
	lost       bool // the answer to the last refresh has not arrived
}

// How tokens go. The issues that tell of races (detections C19) give graces of 10 to 60 s; how often they happen is
// plausible, not measured.
const (
	accessTokenMS   = 10 * 60_000
	shareLost       = 0.02 // of the refreshes get no answer: the app tries again with the token that it still holds
	shareLostLong   = 0.1  // of these apps are offline for minutes
	shareRace       = 0.02 // of the refreshes are done by two threads at once
	shareBackground = 0.3  // of the refreshes are the app's own idea
)

func newTokens(r *rand.Rand, atMS int64) tokens {
	return tokens{family: "fam_" + token(r, 16), id: "rt_" + token(r, 20), generation: 1, issuedMS: atMS}
}

// refresh takes new tokens when the access token is about to end.
func (b *Bank) refresh(s *session) {
	t := &s.tokens
	if !s.native || t.lost || b.nowMS-t.issuedMS < accessTokenMS {
		return
	}
	r := s.c.rng
	b.showToken(s)
	switch {
	case chance(r, shareLost):
		t.lost = true
		wait := between(r, 1_000, 8_000)
		if chance(r, shareLostLong) {
			wait = between(r, 60_000, 240_000)
		}
		b.in(wait, &retry{s, t.id, true})
		return
	case chance(r, shareRace):
		b.in(between(r, 20, 900), &retry{s, t.id, false})
	}
	t.next(r, b.nowMS)
}

func (t *tokens) next(r *rand.Rand, atMS int64) {
	t.previous = t.id
	t.id, t.issuedMS, t.lost = "rt_"+token(r, 20), atMS, false
	t.generation++
}

func (b *Bank) showToken(s *session) {
	background := chance(s.c.rng, shareBackground)
	b.say(s, event{kind: "token.refreshed", method: "POST", path: "/token", tokenID: s.tokens.id, generation: s.tokens.generation, background: background})
}

// retry shows a refresh token a second time: after a lost answer, or because another thread of the app was as fast.
type retry struct {
	s    *session
	id   string
	lost bool
}

func (y *retry) act(b *Bank) {
	s := y.s
	if s.ended() {
		return
	}
	if !y.lost {
		b.say(s, event{kind: "token.refreshed", method: "POST", path: "/token", tokenID: y.id, generation: s.tokens.generation - 1, label: Label{Cause: CauseRefreshRace}})
		return
	}
	s.causes |= CauseRefreshRace
	b.showToken(s)
	s.tokens.next(s.c.rng, b.nowMS)
}
