<?php
/**
 * What is well in this shop, and what to mend.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Admin;

use Doorstep\WooCommerce\Breaker;
use Doorstep\WooCommerce\Connection;
use Doorstep\WooCommerce\Rates\ShippingMethod;
use Doorstep\WooCommerce\Webhooks;

defined( 'ABSPATH' ) || exit;

/**
 * Looks at the shop alone; the gateway's own findings come with the button "Test".
 */
final class Health {

	/**
	 * The gateway.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * What is known of failures.
	 *
	 * @var Breaker
	 */
	private $breaker;

	/**
	 * Makes one.
	 *
	 * @param Connection $connection The gateway.
	 * @param Breaker    $breaker    What is known of failures.
	 */
	public function __construct( Connection $connection, Breaker $breaker ) {
		$this->connection = $connection;
		$this->breaker    = $breaker;
	}

	/**
	 * The findings, in the order in which a merchant sets the shop up.
	 *
	 * @return array[] {good: bool, text: string, link: string}
	 */
	public function findings(): array {
		$findings = array( $this->reachable(), self::permalinks(), self::address(), self::phone() );
		$findings = array_merge( $findings, self::zones(), array( self::weights() ), $this->webhooks() );
		return array_values( array_filter( $findings ) );
	}

	/**
	 * One finding.
	 *
	 * @param bool   $good Whether all is well.
	 * @param string $text A sentence; where something is wrong, what to do.
	 * @param string $link Where to mend it.
	 */
	private static function finding( bool $good, string $text, string $link = '' ): array {
		return array(
			'good' => $good,
			'text' => $text,
			'link' => $link,
		);
	}

	/**
	 * The connection.
	 */
	private function reachable(): array {
		if ( ! $this->connection->connected() ) {
			return self::finding( false, __( 'This shop is not connected: shoppers get your fallback price only.', 'doorstep' ) );
		}
		$rests = $this->breaker->rests_s();
		if ( $rests > 0 ) {
			/* translators: %d: seconds */
			return self::finding( false, sprintf( __( 'The gateway did not answer lately. The shop goes on with fallback prices and tries again in %d seconds.', 'doorstep' ), $rests ) );
		}
		return self::finding( true, __( 'Connected.', 'doorstep' ) );
	}

	/**
	 * The gateway's keys do not work without pretty permalinks.
	 */
	private static function permalinks(): array {
		if ( '' !== (string) get_option( 'permalink_structure' ) ) {
			return self::finding( true, __( 'Permalinks let the gateway read orders.', 'doorstep' ) );
		}
		return self::finding( false, __( 'Permalinks are "Plain": WooCommerce refuses the gateway\'s keys then. Choose any other structure.', 'doorstep' ), admin_url( 'options-permalink.php' ) );
	}

	/**
	 * Where couriers fetch the goods.
	 */
	private static function address(): array {
		foreach ( array( 'woocommerce_store_address', 'woocommerce_store_city' ) as $part ) {
			if ( '' === trim( (string) get_option( $part ) ) ) {
				return self::finding( false, __( 'The shop\'s address is incomplete, so no carrier knows where to fetch the goods. Complete it: the gateway reads it within the hour, or when you connect again.', 'doorstep' ), admin_url( 'admin.php?page=wc-settings&tab=general' ) );
			}
		}
		return self::finding( true, __( 'The shop has an address that goods can be fetched from.', 'doorstep' ) );
	}

	/**
	 * Whom couriers call.
	 */
	private static function phone(): array {
		if ( '' === PickupPhone::number() ) {
			return self::finding( false, __( 'Couriers come to no shop without a phone number. Enter one below the shop\'s address.', 'doorstep' ), admin_url( 'admin.php?page=wc-settings&tab=general' ) );
		}
		return self::finding( true, __( 'Couriers have a number to call.', 'doorstep' ) );
	}

	/**
	 * The zones with our method, and their fallbacks.
	 */
	private static function zones(): array {
		$page     = admin_url( 'admin.php?page=wc-settings&tab=shipping' );
		$findings = array();
		$zones    = \WC_Shipping_Zones::get_zones();
		$zones[0] = array( 'zone_id' => 0 );
		foreach ( array_keys( $zones ) as $zone_id ) {
			$zone = new \WC_Shipping_Zone( (int) $zone_id );
			foreach ( $zone->get_shipping_methods( true ) as $method ) {
				if ( ShippingMethod::ID === $method->id ) {
					$findings[] = self::fallback( $zone->get_zone_name(), (string) $method->get_option( 'fallback_cost' ), $page . '&zone_id=' . (int) $zone_id );
				}
			}
		}
		return array() === $findings ? array( self::finding( false, __( 'No shipping zone has Doorstep yet. Add it as a shipping method.', 'doorstep' ), $page ) ) : $findings;
	}

	/**
	 * The fallback of one zone.
	 *
	 * @param string $zone Its name.
	 * @param string $cost As the merchant typed it.
	 * @param string $page Where to mend it.
	 */
	private static function fallback( string $zone, string $cost, string $page ): array {
		if ( '' === trim( $cost ) ) {
			/* translators: %s: name of a shipping zone */
			return self::finding( false, sprintf( __( 'Zone "%s" has Doorstep, but no fallback price: while the gateway is away, nothing is sold there.', 'doorstep' ), $zone ), $page );
		}
		/* translators: %s: name of a shipping zone */
		return self::finding( true, sprintf( __( 'Zone "%s" has Doorstep and a fallback price.', 'doorstep' ), $zone ) );
	}

	/**
	 * Products that a carrier cannot price.
	 */
	private static function weights(): array {
		$query = new \WP_Query(
			array(
				'post_type'      => 'product',
				'post_status'    => 'publish',
				'fields'         => 'ids',
				'posts_per_page' => 1,
				// phpcs:ignore WordPress.DB.SlowDBQuery.slow_db_query_meta_query -- on our own page only.
				'meta_query'     => array(
					array(
						'relation' => 'OR',
						array(
							'key'     => '_weight',
							'compare' => 'NOT EXISTS',
						),
						array(
							'key'   => '_weight',
							'value' => '',
						),
					),
					array(
						'key'   => '_virtual',
						'value' => 'no',
					),
				),
			)
		);
		$count = (int) $query->found_posts;
		if ( 0 === $count ) {
			return self::finding( true, __( 'All products have a weight.', 'doorstep' ) );
		}
		/* translators: %d: number of products */
		$text = _n( '%d product has no weight: the gateway uses what you set there for such products.', '%d products have no weight: the gateway uses what you set there for such products.', $count, 'doorstep' );
		return self::finding( false, sprintf( $text, $count ), admin_url( 'edit.php?post_type=product' ) );
	}

	/**
	 * Webhooks to the gateway that WooCommerce has switched off after failures.
	 */
	private function webhooks(): array {
		$findings = array();
		foreach ( Webhooks::to( $this->connection->part( 'gateway' ) ) as $webhook ) {
			if ( 'active' === $webhook->get_status() ) {
				continue;
			}
			$page = admin_url( 'admin.php?page=wc-settings&tab=advanced&section=webhooks&edit-webhook=' . (int) $webhook->get_id() );
			/* translators: %s: name of a webhook */
			$findings[] = self::finding( false, sprintf( __( 'WooCommerce has switched the webhook "%s" off. Orders still arrive, later; the gateway switches it on again by itself.', 'doorstep' ), $webhook->get_name() ), $page );
		}
		return $findings;
	}
}
