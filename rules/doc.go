// Package rules is the language of rules.yaml: it loads and diagnoses rules files, compiles conditions to closures, and
// turns scores into answers. It knows facts and detectors only by the Language it is given: no sessions, no Kafka, no clock.
//
// docs/rules.md tells analysts the language; this page tells programmers.
//
// # Loading
//
// [Load] reads rules files, with the files of tests beside them, as one immutable [Set], or tells every [Problem] with its
// file, line and column. [WriteText] shows problems to a person, [WriteJSON] to a program. A problem that follows from
// another one is left out.
//
//	version: 1                      the format
//	revision: "2026-11-22.1"        stands on every decision
//	defaults:                       mode, cooldown, on_missing, tests; rules inherit them
//	lists:                          name: {type: cidr|asn|country|string, values: [..] or file: F, owner, review_by}
//	segments:                       name: condition; the first that holds is the customer's
//	exempt:                         {segment or when, reason, owner, expires}
//	policy:                         half_life, combine, ladder, repeat, brake, segments.<name>.ladder
//	rules:                          id, title, owner, severity, mode, score, evidence, proof, reaches, detector, with, on,
//	                                when, cooldown, rollout, overrides, except, references, tests
//
// Durations carry their unit (90s, 10m, 1h30m, 2d), shares their sign (0.5%), and a day (2027-03-31) lasts until its end
// in UTC. A ladder that is given replaces the built-in one; a repeat, a brake, a segment's ladder, an override and a
// weight change only the keys that they list.
//
// # Conditions
//
// A condition compares fields of the [Language] with values, with each other and with lists:
//
//	action.kind in ["payee", "limit"]
//	  and session.since_drift < duration("10m")
//	  and client.ip not in corp_networks
//	  and (client.user_agent matches "^curl/" or "vpn" in client.geo.anonymous)
//
// There are == != < <= > >= in, not in, and or not, + - *, contains startsWith endsWith, and matches with a pattern that
// is written out. There is no division, no function but duration, no loop and no clock; a condition has at most 200 parts.
// What compares with an absent value is unknown, and unknown never fires ([Tri]): absence is never evidence.
// Whole numbers stay whole; arithmetic that would overflow is unknown.
//
// # Tests
//
// A rule's tests are parsed to [TestCase] values, which the detector package plays through the engine. An event is `at` and
// fields by nested (client: {ip: ..}), dotted (client.ip: ..) or short names: ip, geo, ja4, user_agent, ua (client.agent),
// language, timezone, screen; session, user and device may be a bare id. baseline: also takes the parts of ua by
// themselves; state: takes what is known of the session and the user. null means absent.
package rules
