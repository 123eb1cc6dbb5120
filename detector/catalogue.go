package detector

import "slices"

// detectors is the table of all detectors; their place in it is their index in the language, and the order in which they judge: those that
// ask what the others found on the same event come last.
var detectors = slices.Concat(networkDetectors, clientDetectors, replayDetectors, accountDetectors, behaviourDetectors, hygieneDetectors)

// networkDetectors ask where the session is.
var networkDetectors = []*detectorSpec{
	&impossibleTravel, &impossibleTravelUser, &newCountry, &countryChange, &asnChange, &concurrentIPs, &anonymizerEntered, &hostingMove, &newDeviceNewCountry,
}

// clientDetectors ask what the session is used with.
var clientDetectors = []*detectorSpec{
	&fingerprintDrift, &scriptedClient,
}

// replayDetectors find what an honest customer cannot do.
var replayDetectors = []*detectorSpec{
	&useAfterEnd,
}

// accountDetectors ask how the session came to be.
var accountDetectors = []*detectorSpec{
	&concurrentSessions,
}

// behaviourDetectors ask what is done with the session.
var behaviourDetectors = []*detectorSpec{
	&unusualTime,
}

// hygieneDetectors find what the app itself does wrong.
var hygieneDetectors = []*detectorSpec{}
