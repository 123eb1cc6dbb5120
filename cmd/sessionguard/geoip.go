package main

import (
	"github.com/sessionguard/sessionguard/ingest/geo"
	"github.com/spf13/pflag"
)

func geoipFlags(f *pflag.FlagSet, files *geo.Files) {
	f.StringVar(&files.City, "geoip-city", "", "MaxMind-format City, Enterprise or City-compatible `FILE`")
	f.StringVar(&files.ASN, "geoip-asn", "", "MaxMind-format ASN `FILE`")
	f.StringVar(&files.Anonymous, "geoip-anonymous", "", "MaxMind-format Anonymous-IP or Anonymous-Plus `FILE`")
	f.StringVar(&files.ConnectionType, "geoip-connection-type", "", "MaxMind-format Connection-Type `FILE`")
}

// openGeo opens the databases that are named; nil when none is.
func openGeo(files geo.Files) (*geo.Databases, error) {
	if files == (geo.Files{}) {
		return nil, nil
	}
	db, err := geo.Open(files)
	if err != nil {
		return nil, unusable("%w", err)
	}
	return db, nil
}

func geoBuild(db *geo.Databases) string {
	if db == nil {
		return ""
	}
	return db.Build()
}
