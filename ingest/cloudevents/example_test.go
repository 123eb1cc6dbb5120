package cloudevents_test

import (
	"errors"
	"fmt"

	"github.com/sessionguard/sessionguard/detector"
	"github.com/sessionguard/sessionguard/ingest/cloudevents"
)

func ExampleDecoder_Decode() {
	var decoder cloudevents.Decoder
	var event detector.Event
	for _, line := range []string{
		`{"id":"1","source":"/apps/web","type":"session.ended","time":"2026-11-22T09:30:00Z","data":{"session":{"id":"ses_7Yk2Qm9x"}}}`,
		`{"id":"2","source":"/apps/web","type":"session.ended","time":"2026-11-22T09:30:00Z","data":{"session":{"id":17}}}`,
	} {
		err := decoder.Decode(cloudevents.Message{Value: []byte(line)}, &event)
		var rejection *cloudevents.Rejection
		if errors.As(err, &rejection) {
			fmt.Printf("%s: %s\n", rejection.Reason, rejection.Detail)
			continue
		}
		fmt.Println(event.Type, event.Session.ID)
	}
	// Output:
	// session.ended ses_7Yk2Qm9x
	// wrong_type: data.session.id has another JSON type than documented; session.ended requires data.session.id
}
