<?php
/**
 * An offer as WooCommerce's rate.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

use Doorstep\WooCommerce\Money;

defined( 'ABSPATH' ) || exit;

/**
 * Pure. The meta travels with the rate into the order's shipping line, in both checkouts.
 */
final class Rate {

	const OPTIONS = '_doorstep_options';
	const OPTION  = '_doorstep_option';
	const SERVICE = '_doorstep_service';
	const WINDOW  = '_doorstep_window';
	const SLOT    = '_doorstep_slot';
	const ITEMS   = '_doorstep_items';
	const MARKS   = array( self::OPTIONS, self::OPTION, self::SERVICE, self::WINDOW, self::SLOT, self::ITEMS );

	/**
	 * The rate of an offer.
	 *
	 * @param array  $offer      As `Answer::read` makes it.
	 * @param string $options_id The gateway's id of the whole answer.
	 * @param string $picked     The slot that the shopper picked, or ''.
	 * @param string $currency   ISO 4217.
	 * @param string $articles   What the package holds, as `Question::articles` writes it.
	 * @return array {code, label, cost, description, delivery_time, meta}
	 */
	public static function of( array $offer, string $options_id, string $picked, string $currency, string $articles = '' ): array {
		$slot   = Slot::taken( $offer['slots'], $picked );
		$extra  = array() === $slot ? 0 : $slot['price_minor'];
		$start  = array() === $slot ? $offer['start'] : $slot['start'];
		$end    = array() === $slot ? $offer['end'] : $slot['end'];
		$meta   = array(
			self::OPTIONS => $options_id,
			self::OPTION  => $options_id . '/' . $offer['option_id'],
			self::SERVICE => $offer['code'],
			self::WINDOW  => '' === $start . $end ? '' : $start . '/' . $end,
			self::SLOT    => array() === $slot ? '' : $slot['id'],
			self::ITEMS   => $articles,
		);
		$titled = '' === $offer['title'] ? $offer['code'] : $offer['title'];
		return array(
			'code'          => $offer['code'],
			'label'         => $titled,
			'cost'          => Money::major( $offer['cost_minor'] + $extra, $currency ),
			// Blocks show both texts, and the time may be a slot's by then.
			'description'   => $offer['description'] === $offer['delivery_time'] ? '' : $offer['description'],
			'delivery_time' => array() === $slot ? $offer['delivery_time'] : $slot['label'],
			'meta'          => array_filter( $meta, 'strlen' ),
		);
	}
}
