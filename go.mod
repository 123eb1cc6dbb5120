module github.com/sessionguard/sessionguard

go 1.26.0
