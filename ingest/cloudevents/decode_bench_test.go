package cloudevents_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

// ordinary is an event as a bank's web app would send it, about 630 bytes.
const ordinary = `{"specversion":"1.0","id":"01JD8Z6TQX4M2V","source":"/apps/retail-web","type":"session.presented","time":"2026-11-22T09:30:00.125Z",` +
	`"data":{"tenant":"retail","session":{"id":"ses_7Yk2Qm9x","kind":"browser","transport":"cookie"},"user":{"id":"u-4711","roles":["customer"]},` +
	`"client":{"ip":"89.160.20.112","user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",` +
	`"accept_language":"sv-SE,sv;q=0.9,en;q=0.8","timezone":"Europe/Stockholm","ja4":"t13d1516h2_8daaf6152771_02713d6af862","rtt_ms":31.5},` +
	`"device":{"id":"dev-31b0"},"http":{"method":"GET","path":"/accounts","scheme":"https"},"outcome":"success"}}`

func BenchmarkDecodeStructured(b *testing.B) { benchmarkDecode(b, structured(ordinary)) }
func BenchmarkDecodeBinary(b *testing.B)     { benchmarkDecode(b, toBinary(b, ordinary)) }
func BenchmarkDecodeBare(b *testing.B)       { benchmarkDecode(b, bare(ordinary)) }

// BenchmarkDecodeManyKeys is the dearest event that the limits allow: nothing but unknown keys, which must be told apart.
func BenchmarkDecodeManyKeys(b *testing.B) { benchmarkDecode(b, bare(event(`{`+manyKeys(6500)+`}`))) }

func benchmarkDecode(b *testing.B, m cloudevents.Message) {
	var d cloudevents.Decoder
	var e detector.Event
	n := len(m.Value)
	for _, h := range m.Headers {
		n += len(h.Key) + len(h.Value)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(m, &e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncodingJSON reads the same event into a struct of just the fields that it has, with fewer checks than ours: no
// limits, no duplicate keys, no address.
func BenchmarkEncodingJSON(b *testing.B) {
	b.SetBytes(int64(len(ordinary)))
	b.ReportAllocs()
	in := []byte(ordinary)
	for b.Loop() {
		var e plainEvent
		if err := json.Unmarshal(in, &e); err != nil {
			b.Fatal(err)
		}
	}
}

type plainEvent struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"`
	Source      string    `json:"source"`
	Type        string    `json:"type"`
	Time        time.Time `json:"time"`
	Data        struct {
		Tenant  string `json:"tenant"`
		Session struct {
			ID        string `json:"id"`
			Kind      string `json:"kind"`
			Transport string `json:"transport"`
		} `json:"session"`
		User struct {
			ID    string   `json:"id"`
			Roles []string `json:"roles"`
		} `json:"user"`
		Client struct {
			IP             string  `json:"ip"`
			UserAgent      string  `json:"user_agent"`
			AcceptLanguage string  `json:"accept_language"`
			Timezone       string  `json:"timezone"`
			JA4            string  `json:"ja4"`
			RTTMS          float64 `json:"rtt_ms"`
		} `json:"client"`
		Device struct {
			ID string `json:"id"`
		} `json:"device"`
		HTTP struct {
			Method string `json:"method"`
			Path   string `json:"path"`
			Scheme string `json:"scheme"`
		} `json:"http"`
		Outcome string `json:"outcome"`
	} `json:"data"`
}
