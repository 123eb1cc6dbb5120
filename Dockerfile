# One static binary in a small image, run by a user without rights.
FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=devel
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /sessionguard ./cmd/sessionguard

# Alpine for its certificates, and for wget, which asks for health.
FROM alpine:3.22
COPY --from=build /sessionguard /usr/local/bin/sessionguard
COPY rules.yaml /etc/sessionguard/rules.yaml
RUN install -d -o 65532 -g 65532 /var/lib/sessionguard
USER 65532:65532
WORKDIR /etc/sessionguard
VOLUME /var/lib/sessionguard
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["sessionguard"]
CMD ["run"]
