// Package kafka gets session events out of Kafka in order and outcomes into Kafka, and holds everything of this product
// that speaks Kafka's protocol.
//
// A Cluster is a configured connection. Consume joins a consumer group and runs one goroutine for each partition that this
// member owns. A Stage is the detector on top of it: it restores a partition's state, judges its events, publishes the
// outcomes, and makes checkpoints in this order: outcomes acknowledged, snapshot acknowledged, offset committed.
//
// kafka-go is used for group membership and for single requests; its Reader and Writer are not, because they commit for
// partitions that moved away, jump over gaps, and deliver after they reported a failure.
package kafka
