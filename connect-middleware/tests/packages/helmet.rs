//! As `tests/real/packages/helmet.cjs`.

use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Response, Result, app, get};
use connect_middleware::helmet::{
    CrossDomainPolicies, Csp, EmbedderPolicy, FrameOptions, Helmet, Hsts, OpenerPolicy, ReferrerPolicy,
    ResourcePolicy,
};

use super::failed;

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[get("/own")]
fn own(res: &mut Response) -> Result {
    res.set("x-frame-options", "DENY").set("content-security-policy", "default-src 'none'").text("own")
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::msg("broken"))
}

fn hsts(seconds: u64) -> Hsts {
    Hsts { max_age: Duration::from_secs(seconds), ..Hsts::default() }
}

fn helmet(configuration: &str) -> Option<Helmet> {
    let helmet = Helmet::new();
    let images = "'self' https://images.example.com";
    Some(match configuration {
        "defaults" => helmet,
        "csp-off" => helmet.csp(None),
        "csp-set" | "csp-camel" => helmet.csp(Csp::new().set("img-src", images)),
        "csp-new" => helmet.csp(Csp::new().set("connect-src", "'self' https://api.example.com")),
        "csp-null" => helmet.csp(Csp::new().remove("style-src")),
        "csp-no-upgrade" => helmet.csp(Csp::new().remove("upgrade-insecure-requests")),
        "csp-own" => {
            let csp = Csp::empty().set("default-src", "'self'").set("script-src", "'self' example.com");
            helmet.csp(csp.set("object-src", "'none'").set("upgrade-insecure-requests", ""))
        }
        "coep-on" => helmet.cross_origin_embedder_policy(Some(EmbedderPolicy::RequireCorp)),
        "coep-credentialless" => helmet.cross_origin_embedder_policy(Some(EmbedderPolicy::Credentialless)),
        "coep-unsafe-none" => helmet.cross_origin_embedder_policy(Some(EmbedderPolicy::UnsafeNone)),
        "coop-popups" => helmet.cross_origin_opener_policy(Some(OpenerPolicy::SameOriginAllowPopups)),
        "coop-noopener" => helmet.cross_origin_opener_policy(Some(OpenerPolicy::NoopenerAllowPopups)),
        "coop-unsafe-none" => helmet.cross_origin_opener_policy(Some(OpenerPolicy::UnsafeNone)),
        "coop-off" => helmet.cross_origin_opener_policy(None),
        "corp-same-site" => helmet.cross_origin_resource_policy(Some(ResourcePolicy::SameSite)),
        "corp-cross-origin" => helmet.cross_origin_resource_policy(Some(ResourcePolicy::CrossOrigin)),
        "corp-off" => helmet.cross_origin_resource_policy(None),
        "oac-off" => helmet.origin_agent_cluster(false),
        "referrer-origin" => helmet.referrer_policy(Some(ReferrerPolicy::Origin)),
        "referrer-same-origin" => helmet.referrer_policy(Some(ReferrerPolicy::SameOrigin)),
        "referrer-strict" => helmet.referrer_policy(Some(ReferrerPolicy::StrictOriginWhenCrossOrigin)),
        "referrer-unsafe" => helmet.referrer_policy(Some(ReferrerPolicy::UnsafeUrl)),
        "referrer-off" => helmet.referrer_policy(None),
        "hsts-age" => helmet.strict_transport_security(Some(hsts(123_456))),
        "hsts-fraction" => {
            let hsts = Hsts { max_age: Duration::from_millis(1900), ..Hsts::default() };
            helmet.strict_transport_security(Some(hsts))
        }
        "hsts-host" => {
            helmet.strict_transport_security(Some(Hsts { include_subdomains: false, ..hsts(123_456) }))
        }
        "hsts-preload" => helmet.strict_transport_security(Some(Hsts { preload: true, ..hsts(63_072_000) })),
        "hsts-off" => helmet.strict_transport_security(None),
        "nosniff-off" => helmet.no_sniff(false),
        "dns-on" => helmet.dns_prefetch_control(Some(true)),
        "dns-off" => helmet.dns_prefetch_control(Some(false)),
        "dns-none" => helmet.dns_prefetch_control(None),
        "download-off" => helmet.download_options(false),
        "frame-deny" => helmet.frame_options(Some(FrameOptions::Deny)),
        "frame-sameorigin" => helmet.frame_options(Some(FrameOptions::SameOrigin)),
        "frame-off" => helmet.frame_options(None),
        "cross-domain-type" => {
            helmet.permitted_cross_domain_policies(Some(CrossDomainPolicies::ByContentType))
        }
        "cross-domain-master" => {
            helmet.permitted_cross_domain_policies(Some(CrossDomainPolicies::MasterOnly))
        }
        "cross-domain-all" => helmet.permitted_cross_domain_policies(Some(CrossDomainPolicies::All)),
        "cross-domain-off" => helmet.permitted_cross_domain_policies(None),
        "xss-off" => helmet.xss_protection(false),
        _ => return None,
    })
}

pub async fn serve(configuration: &str) -> Option<Client> {
    if configuration == "csp-nonce" {
        return Some(Client::serve(app![Helmet::new().nonces(), index, own, fails, failed]).await.unwrap());
    }
    let helmet = helmet(configuration)?;
    Some(Client::serve(app![helmet, index, own, fails, failed]).await.unwrap())
}
