/**
 * The keys that Shopify knows in its configuration files (documentation of November 2026), as far as an app like
 * ours could use them. The deployment refuses or drops others, and a dropped key is not seen for months.
 */

export const APP_KEYS = `
  client_id name handle application_url embedded extension_directories web_directories
  access_scopes access_scopes.scopes access_scopes.optional_scopes access_scopes.use_legacy_install_flow
  access access.admin access.admin.direct_api_mode access.admin.embedded_app_direct_api_access
  auth auth.redirect_urls
  app_proxy app_proxy.url app_proxy.prefix app_proxy.subpath
  app_preferences app_preferences.url
  pos pos.embedded
  webhooks webhooks.api_version
  webhooks.subscriptions webhooks.subscriptions.topics webhooks.subscriptions.compliance_topics
  webhooks.subscriptions.uri webhooks.subscriptions.filter webhooks.subscriptions.include_fields
  build build.automatically_update_urls_on_dev build.dev_store_url build.include_config_on_deploy
`.trim().split(/\s+/);

export const UI_EXTENSION_KEYS = `
  api_version
  extensions extensions.type extensions.name extensions.handle extensions.uid extensions.description
  extensions.targeting extensions.targeting.target extensions.targeting.module
  extensions.targeting.default_placement extensions.targeting.metafields
  extensions.capabilities extensions.capabilities.network_access extensions.capabilities.api_access
  extensions.settings extensions.settings.fields extensions.settings.fields.key extensions.settings.fields.type
  extensions.settings.fields.name extensions.settings.fields.description extensions.settings.fields.validations
`.trim().split(/\s+/);

export const THEME_EXTENSION_KEYS = ['name', 'type', 'uid', 'handle'];

/** What an app may serve under the proxy (documentation of November 2026). */
export const PROXY_PREFIXES = ['a', 'apps', 'community', 'tools'];
export const NO_SUBPATHS = ['admin', 'services', 'password', 'login'];
