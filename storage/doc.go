// Package storage is the archive: every session event and every decision, kept for investigators, audits and replay.
//
// An Archiver reads one partition of a topic, forms blocks of rows and writes them to an Archive, so that after any crash each
// record stands there exactly once. Two engines keep archives: storage/clickhouse, and storage/sqlite for one machine;
// storage/open opens either by its URL. Both pass the tests of storage/archivetest.
//
// Ids of sessions and tokens never reach an archive: a Pseudonymizer's keyed HMAC stands in their place, in the columns and
// inside the raw JSON. Detection never waits for this package; Kafka's retention is the archiver's spool.
package storage
