package archivetest

import (
	"testing"

	"github.com/sessionguard/sessionguard/storage"
)

// blockRows is how many rows a block of Benchmark has.
const blockRows = 10_000

// Benchmark writes blocks of events, each new, and reports rows/s.
func Benchmark(b *testing.B, w storage.Writer) {
	block := EventBlock(0, 0, blockRows-1)
	for b.Loop() {
		if err := w.Write(b.Context(), block); err != nil {
			b.Fatal(err)
		}
		block.First, block.Last = block.First+blockRows, block.Last+blockRows
		for i := range block.Events {
			block.Events[i].Offset += blockRows
		}
	}
	b.ReportMetric(float64(b.N)*blockRows/b.Elapsed().Seconds(), "rows/s")
}
