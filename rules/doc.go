// Package rules is the language of rules.yaml: it loads and diagnoses rules files, compiles conditions to closures, and
// turns scores into answers. It knows facts and detectors only by the Language it is given: no sessions, no Kafka, no clock.
package rules
