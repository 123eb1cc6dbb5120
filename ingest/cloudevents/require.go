package cloudevents

import (
	"strings"

	"github.com/sessionguard/sessionguard/detector"
)

// needs says which fields a type of event requires beside id, source, type and time.
type needs uint8

const (
	needSession       needs = 1 << iota // data.session.id
	needIP                              // data.client.ip
	needUser                            // data.user.id
	needUserOrSession                   // one of the two
)

// required is the table of what each type needs. An unknown type needs nothing: it is archived and counted only. A tick
// is the product's own clock and belongs to no user.
var required = [detector.NumEventTypes]needs{
	detector.SessionCreated:          needSession | needIP,
	detector.SessionPresented:        needSession | needIP,
	detector.SessionRenewed:          needSession | needIP,
	detector.SessionPrivilegeChanged: needSession,
	detector.SessionEnded:            needSession,
	detector.SessionUnknownID:        needIP,
	detector.AuthFailed:              needIP,
	detector.AuthReauthenticated:     needIP,
	detector.TokenRefreshed:          needIP,
	detector.TokenReuseDetected:      needUserOrSession,
	detector.CredentialChanged:       needUserOrSession,
	detector.FactorChanged:           needUserOrSession,
	detector.AccountDisabled:         needUser,
	detector.ActionRequested:         needSession | needIP,
	detector.ActionCompleted:         needSession | needIP,
	detector.PlaceObserved:           needUser,
	detector.CommandAcknowledged:     needUserOrSession,
	detector.VerdictRecorded:         needUserOrSession,
	detector.OperatorControl:         needUserOrSession,
	detector.ObservationVerdict:      needUserOrSession,
	detector.SessionObservation:      needUserOrSession,
}

// requires is required, but that resume_brake concerns the whole bank and names no one, nor need what the product's own stages tell each other.
func requires(e *detector.Event) needs {
	switch {
	case e.Type == detector.OperatorControl && e.Control.Do == detector.ControlResumeBrake:
		return 0
	case (e.Type == detector.ObservationVerdict || e.Type == detector.SessionObservation) && e.Source == detector.Source:
		return 0
	}
	return required[e.Type]
}

func (d *Decoder) require(e *detector.Event) int {
	switch {
	case e.ID == "":
		return d.refuse(MissingField, "id is missing")
	case e.Source == "":
		return d.refuse(MissingField, "source is missing")
	case e.TypeName == "":
		return d.refuse(MissingField, "type is missing")
	case !d.timed:
		return d.refuse(MissingField, "time is missing")
	}
	need := requires(e)
	switch {
	case need&needSession != 0 && e.Session.ID == "":
		return d.missing(e, "data.session.id")
	case need&needUser != 0 && e.User.ID == "":
		return d.missing(e, "data.user.id")
	case need&needIP != 0 && !e.Client.IP.IsValid():
		return d.missing(e, "data.client.ip")
	case need&needUserOrSession != 0 && e.User.ID == "" && e.Session.ID == "":
		return d.missing(e, "data.user.id", "data.session.id")
	}
	return 0
}

// missing refuses the event for a required field, one of the paths, that is absent. If it was dropped, or an object that it is
// in, the publisher is told that.
func (d *Decoder) missing(e *detector.Event, paths ...string) int {
	fields := strings.Join(paths, " or ")
	for _, dropped := range d.Dropped {
		for _, path := range paths {
			if strings.HasPrefix(path+".", dropped+".") {
				return d.refuse(WrongType, "%s has another JSON type than documented; %s requires %s", dropped, e.Type, fields)
			}
		}
	}
	return d.refuse(MissingField, "%s is missing; %s requires it", fields, e.Type)
}
