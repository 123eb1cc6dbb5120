package detector

import "slices"

// detectors is the table of all detectors; their place in it is their index in the language, and the order in which they judge: those that
// ask what the others found on the same event come last.
var detectors = slices.Concat(networkDetectors, clientDetectors, replayDetectors, accountDetectors, behaviourDetectors, hygieneDetectors, chainDetectors)

// networkDetectors ask where the session is.
var networkDetectors = []*detectorSpec{
	&impossibleTravel, &impossibleTravelUser, &newCountry, &countryChange, &asnChange, &concurrentIPs, &anonymizerEntered, &hostingMove, &newDeviceNewCountry, &knownBadSource,
}

// clientDetectors ask what the session is used with.
var clientDetectors = []*detectorSpec{
	&fingerprintDrift, &clientDowngrade, &clientInconsistent, &scriptedClient, &tlsFingerprintChange, &sharedSessionDevices,
	&bindingProofFailed, &deviceCompromised,
}

// replayDetectors find what an honest customer cannot do.
var replayDetectors = []*detectorSpec{
	&useAfterEnd, &alternatingClients, &tokenReuse, &sessionSharedByUsers, &sessionFixation, &cookieTampered, &canaryUsed, &revokeNotEnforced,
	&sessionIDGuessing, &fleetTakeover, &confirmedThief,
}

// accountDetectors ask how the session came to be.
var accountDetectors = []*detectorSpec{
	&aitmFirstUse, &failuresThenSuccess, &concurrentSessions, &reauthFailed,
}

// behaviourDetectors ask what is done with the session.
var behaviourDetectors = []*detectorSpec{
	&inhumanSpeed, &staleAuth, &crossSiteChange, &unusualTime, &dormantRevived,
}

// hygieneDetectors find what the app itself does wrong.
var hygieneDetectors = []*detectorSpec{
	&idleTimeout, &absoluteLifetime, &unrotatedPrivilege, &unrotatedCredential, &weakID, &exposedID, &weakCookie,
}

// chainDetectors ask what is done after something was found, also on the same event.
var chainDetectors = []*detectorSpec{
	&hijackKillChain, &factorAfterContext,
}
