package bank

import (
	"fmt"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	for _, c := range []Config{{Geo: true, Labels: true, Attacks: DefaultMix(2000, 24*time.Hour)}, func() Config { c, _ := Demo(30*time.Second, 1); return c }()} {
		b, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		types := map[string]int{}
		at := map[string]string{}
		first := int64(0)
		n, bytes := 0, 0
		t0 := time.Now()
		sc := NewScore()
		for {
			p, ok := b.Next()
			if !ok {
				break
			}
			n++
			bytes += len(p.JSON)
			sc.Event(&p)
			if p.Label.Actor == Thief {
				at[p.Label.AttackID] = p.Label.Attack.String()
				types[p.Label.Attack.String()+fmt.Sprint(p.Label.Refused)]++
				if first == 0 {
					first = p.TimeMS - b.cfg.withDefaults().Start.UnixMilli()
				}
			}
			if n%20000 == 1 || p.Label.Begins && n < 400 && n > 380 {
				fmt.Println(string(p.JSON))
			}
		}
		kinds := map[string]int{}
		for _, k := range at {
			kinds[k]++
		}
		fmt.Println(n, bytes/n, time.Since(t0), types, kinds, time.Duration(first)*time.Millisecond, len(b.sessions), len(b.live))
		var sb = new(sbuf)
		sc.WriteTable(sb)
		fmt.Println(string(*sb))
	}
}

type sbuf []byte

func (s *sbuf) Write(b []byte) (int, error) { *s = append(*s, b...); return len(b), nil }
