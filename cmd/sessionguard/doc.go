// Command sessionguard finds hijacked sessions while they are used: it reads session events, judges each by rules.yaml, and
// answers with decisions and commands.
//
// This package only wires the rooms together. One file holds one subcommand; main ends with the exit code that run gives:
// 0 done, 1 the thing checked is wrong, 2 wrong usage or unusable input, 3 a dependency could not be reached.
// Results go to stdout and diagnostics to stderr, so that every result can be piped.
package main
