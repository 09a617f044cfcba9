<?php
/**
 * All calls to the gateway.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * JSON in, JSON out; every other outcome is a Failure.
 */
final class Client {

	const LARGEST_ANSWER = 1048576;
	const SHOW_S         = 5.0;
	const BOOK_S         = 20.0;

	/**
	 * Where to, and by which keys.
	 *
	 * @var Connection
	 */
	private $connection;

	/**
	 * What shoppers may be made to wait.
	 *
	 * @var Budget
	 */
	private $budget;

	/**
	 * Tells the time.
	 *
	 * @var Clock
	 */
	private $clock;

	/**
	 * Makes one.
	 *
	 * @param Connection $connection Where to, and by which keys.
	 * @param Budget     $budget     What shoppers may be made to wait.
	 * @param Clock      $clock      Tells the time.
	 */
	public function __construct( Connection $connection, Budget $budget, Clock $clock ) {
		$this->connection = $connection;
		$this->budget     = $budget;
		$this->clock      = $clock;
	}

	/**
	 * Asks for the options of a cart.
	 *
	 * @param array $question As the gateway reads it.
	 * @throws Failure Without an answer.
	 */
	public function rates( array $question ): array {
		return $this->shopper_waits( '/checkout/woocommerce/rates', $question );
	}

	/**
	 * Takes an option, and its slot, for a cart.
	 *
	 * @param array $choice As the gateway reads it.
	 * @throws Failure Without an answer, or where the option is gone.
	 */
	public function choose( array $choice ): array {
		return $this->shopper_waits( '/checkout/woocommerce/choose', $choice );
	}

	/**
	 * Asks the gateway to try the connection.
	 *
	 * @throws Failure Without an answer.
	 */
	public function test(): array {
		return $this->post( '/checkout/woocommerce/test', '{}', $this->publishable(), self::SHOW_S );
	}

	/**
	 * What the gateway knows of an order.
	 *
	 * @param int $order_id The shop's id.
	 * @throws Failure Without an answer.
	 */
	public function show_order( int $order_id ): array {
		return $this->signed( '/woocommerce/orders/show', array( 'order_id' => (string) $order_id ), self::SHOW_S );
	}

	/**
	 * Books an order's deliveries now.
	 *
	 * @param int    $order_id The shop's id.
	 * @param string $key      The same for one press of the button, however often it is sent.
	 * @throws Failure Without an answer.
	 */
	public function book_order( int $order_id, string $key ): array {
		$body = array(
			'order_id'        => (string) $order_id,
			'idempotency_key' => $key,
		);
		return $this->signed( '/woocommerce/orders/book', $body, self::BOOK_S );
	}

	/**
	 * Tells the gateway that the shop lets go of it. One that is away does not stop that: it may find out by itself.
	 */
	public function say_goodbye(): void {
		if ( ! $this->connection->connected() ) {
			return;
		}
		try {
			$this->signed( '/woocommerce/disconnect', array(), self::SHOW_S );
		} catch ( Failure $failure ) {
			Log::warning( 'The gateway could not be told that this shop disconnects: ' . $failure->reason . ' ' . $failure->getMessage() );
		}
	}

	/**
	 * A call that stands between a shopper and a page.
	 *
	 * @param string $path Under the gateway's address.
	 * @param array  $body To send.
	 * @throws Failure Without an answer.
	 */
	private function shopper_waits( string $path, array $body ): array {
		$timeout_s = $this->budget->next_s();
		if ( $timeout_s <= 0.0 ) {
			throw new Failure( 'NO_TIME', 'this page has waited long enough' );
		}
		$headers = $this->publishable();
		// The network takes some of the time that the shop waits.
		$headers['X-Doorstep-Budget-Ms'] = (string) (int) round( 1000 * $timeout_s - 200 );
		$started                         = microtime( true );
		try {
			return $this->post( $path, (string) wp_json_encode( $body ), $headers, $timeout_s );
		} finally {
			$this->budget->spend( microtime( true ) - $started );
		}
	}

	/**
	 * A call that only this shop can make.
	 *
	 * @param string $path      Under the gateway's address.
	 * @param array  $body      To send.
	 * @param float  $timeout_s How long to wait.
	 * @throws Failure Without an answer.
	 */
	private function signed( string $path, array $body, float $timeout_s ): array {
		$raw       = (string) wp_json_encode( $body );
		$timestamp = (string) $this->clock->now();
		$headers   = array(
			'X-Doorstep-Site'      => $this->connection->part( 'site' ),
			'X-Doorstep-Timestamp' => $timestamp,
			'X-Doorstep-Signature' => self::signature( $this->connection->part( 'secret' ), $timestamp, $raw ),
		);
		return $this->post( $path, $raw, $headers, $timeout_s );
	}

	/**
	 * The signature of a body.
	 *
	 * @param string $secret    Shared with the gateway.
	 * @param string $timestamp Unix seconds.
	 * @param string $raw       The body as it is sent.
	 */
	public static function signature( string $secret, string $timestamp, string $raw ): string {
		// phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_encode -- a signature, nothing hidden.
		return base64_encode( hash_hmac( 'sha256', $timestamp . '.' . $raw, $secret, true ) );
	}

	/**
	 * Headers of calls that the publishable key may make.
	 */
	private function publishable(): array {
		return array(
			'Authorization'   => 'Bearer ' . $this->connection->part( 'key' ),
			'X-Doorstep-Site' => $this->connection->part( 'site' ),
		);
	}

	/**
	 * Sends one body and reads one answer.
	 *
	 * @param string $path      Under the gateway's address.
	 * @param string $raw       JSON.
	 * @param array  $headers   Who asks.
	 * @param float  $timeout_s How long to wait.
	 * @throws Failure Without an answer.
	 */
	private function post( string $path, string $raw, array $headers, float $timeout_s ): array {
		if ( ! $this->connection->connected() ) {
			throw new Failure( 'NOT_CONNECTED', 'this shop is not connected to a gateway' );
		}
		$headers['Content-Type'] = 'application/json';
		$headers['Accept']       = 'application/json';
		$answer                  = wp_remote_post(
			$this->connection->part( 'gateway' ) . $path,
			array(
				'timeout'             => $timeout_s,
				'redirection'         => 0,
				'limit_response_size' => self::LARGEST_ANSWER,
				'headers'             => $headers,
				'body'                => $raw,
				'user-agent'          => 'Doorstep-WooCommerce/' . DOORSTEP_VERSION,
			)
		);
		if ( is_wp_error( $answer ) ) {
			throw new Failure( 'UNREACHABLE', $answer->get_error_message() );
		}
		return self::read( $answer );
	}

	/**
	 * The body of a good answer.
	 *
	 * @param array $answer As WordPress hands it over.
	 * @throws Failure If it is no good answer.
	 */
	private static function read( array $answer ): array {
		$status = (int) wp_remote_retrieve_response_code( $answer );
		$body   = json_decode( (string) wp_remote_retrieve_body( $answer ), true );
		if ( 200 === $status && is_array( $body ) ) {
			return $body;
		}
		$body    = is_array( $body ) ? $body : array();
		$code    = isset( $body['code'] ) && is_string( $body['code'] ) ? $body['code'] : 'UNREADABLE';
		$message = isset( $body['message'] ) && is_string( $body['message'] ) ? $body['message'] : 'no readable answer';
		$failure = new Failure( $code, $message, $status, $body );
		$wait    = wp_remote_retrieve_header( $answer, 'retry-after' );

		$failure->wait_s = is_numeric( $wait ) ? (int) $wait : 0;
		throw $failure;
	}
}
